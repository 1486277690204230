import request from 'supertest';
import type { NewShare } from '../../../contracts/access/share-schema';
import { jobRecord, testApp } from '../helpers';

/** A finished job with a name that could break out of a page, and a link to it. */
async function shared(body: object = {}) {
  const made = testApp();
  const files = ['scene.sog', 'scene.json', 'poster.jpg'].map((name) => ({ name, bytes: 9 }));
  const record = jobRecord({ state: 'succeeded', result: { files } });
  const named = { ...record.request, email: 'pilot@example.com', name: '</title><script>"' };
  made.job({ ...record, request: named }, null);
  const { body: share } = await request(made.app).post('/v1/jobs/job123456/shares').send(body).expect(201);
  return { app: made.app, token: (share as NewShare).token };
}

test('the page of a link has its poster and words for previews, is not listed, and tells nothing that the link hides', async () => {
  const { app, token } = await shared();
  const { text, headers } = await request(app).get(`/s/${token}`).expect(200);
  expect(headers['x-robots-tag']).toBe('noindex');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(text).toContain('<meta property="og:title" content="&lt;/title&gt;&lt;script&gt;&quot;">');
  expect(text).toContain(`/v1/shared/${token}/scene/poster.jpg`);
  expect(text).toContain('<script type="module" src="/app/share-B0YtjbSf.js"></script>');
  expect(text.match(/href="\/app\/[\w-]+\.css"/g)).toEqual([
    'href="/app/viewer-B0YtjbSf.css"',
    'href="/app/share-B0YtjbSf.css"',
  ]);
  expect(text).not.toMatch(/pilot@example|job123456|flight/);
});

test('only the embedded page may stand in frames of others', async () => {
  const { app, token } = await shared();
  const { headers } = await request(app).get(`/embed/${token}`).expect(200);
  expect(headers['content-security-policy']).toContain('frame-ancestors *');
  expect(headers['content-security-policy']).toContain("script-src 'self'");
  expect(headers['x-frame-options']).toBeUndefined();
});

test.each(['/s/', '/embed/'])('%s with a token that is wrong is a page that says so', async (path) => {
  const { app } = await shared();
  const wrong = `spl_${'x'.repeat(43)}`;
  const { text } = await request(app).get(`${path}${wrong}`).set('Accept', 'text/html').expect(404);
  expect(text).toMatch(/wrong, has expired, or was revoked/);
});
