import { readFileSync } from 'node:fs';
import request from 'supertest';
import { LOADED } from '../../../server/pages/web-app';
import { testApp, testConfig } from '../helpers';

const KEY_NEEDED = {
  ...testConfig,
  http: { ...testConfig.http, host: '0.0.0.0' },
  publicUrl: 'https://spaceport.example',
};

describe('the web application', () => {
  test('has one document for all of its pages, which is asked for again each time', async () => {
    const { app } = testApp();
    const documents = await Promise.all(
      ['/new', '/jobs/job123456/scene', '/compare/a/b'].map((path) => request(app).get(path).expect(200)),
    );
    for (const { text, headers } of documents) {
      expect(text).toContain('<div id="app">');
      expect(headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' });
    }
    await request(app).post('/new').expect(405);
  });

  test('tells the browser at once of the scripts and styles that a page loads later, each once', async () => {
    const { app } = testApp();
    const told = async (path: string): Promise<string[]> =>
      [...(await request(app).get(path)).text.matchAll(/<link rel="modulepreload" crossorigin href="([^"]+)">/g)].map(
        ([, file = '']) => file,
      );
    expect(await told('/jobs/job123456/scene')).toEqual([
      '/app/viewer-B0YtjbSf.js',
      '/app/scene-page-Dn5Od46O.js',
      '/app/scene-t0wS6AQ-.js',
    ]);
    expect(await told('/compare/a/b')).toContain('/app/compare-page-Ba8oYzc4.js');
    expect(await told('/')).toEqual(['/app/jobs-page-Cn2Od46P.js']);
    expect((await request(app).get('/jobs/job123456/scene')).text).toContain(
      '<link rel="stylesheet" crossorigin href="/app/viewer-B0YtjbSf.css">',
    );
  });

  test('names to the browser what the router loads for each page', () => {
    const routes = readFileSync('web/app/routes.tsx', 'utf8');
    const loads = [...routes.matchAll(/(\w+): \(\) => import\('\.\.\/([^']+)'\)/g)];
    expect(Object.fromEntries(loads.map(([, page, source]) => [page, `${source ?? ''}.tsx`]))).toEqual(
      Object.fromEntries(Object.entries(LOADED).map(([page, [source]]) => [page, source])),
    );
  });

  test('runs under a policy that allows nothing inline, no eval, and nothing from elsewhere but the storage', async () => {
    const { headers } = await request(testApp().app).get('/new').expect(200);
    expect(headers['content-security-policy']?.split(';').toSorted()).toEqual(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data: http://127.0.0.1:9000",
        "connect-src 'self' http://127.0.0.1:9000",
        "worker-src 'self' blob:",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ].toSorted(),
    );
  });

  test('names the style of maps where there is one, and lets pages ask its hosts', async () => {
    const map = { styleUrl: 'https://maps.example.org/style.json?key="a"', origins: ['https://tiles.example.org'] };
    const { text, headers } = await request(testApp({ config: { ...testConfig, map } }).app).get('/new');
    expect(text).toContain(
      '<meta name="map-style" content="https://maps.example.org/style.json?key=&quot;a&quot;"></head>',
    );
    const policy = headers['content-security-policy'];
    for (const directive of ["img-src 'self' blob: data:", "connect-src 'self'"])
      expect(policy).toContain(`${directive} http://127.0.0.1:9000 https://tiles.example.org;`);
    expect((await request(testApp().app).get('/new')).text).not.toContain('map-style');
  });

  test('files whose names say what is in them are kept for a year, others for an hour, a service worker not at all', async () => {
    const { app } = testApp();
    const script = await request(app).get('/app/app-B0YtjbSf.js').set('accept-encoding', 'identity').expect(200);
    expect(script.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding',
    });
    expect(script.headers['content-encoding']).toBeUndefined();
    const { headers } = await request(app).get('/app/icon.svg').expect(200);
    expect(headers['cache-control']).toBe('public, max-age=3600');
    const worker = await request(app).get('/app/sw.js').expect(200);
    expect(worker.headers).toMatchObject({ 'cache-control': 'no-cache', 'service-worker-allowed': '/' });
    await request(app).get('/app/app-00000000.js').expect(404);
    await request(app).get('/app/..%2findex.html').expect(404);
  });

  test.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
  ])('to a browser that takes %s they come as %s', async (accepted, encoding) => {
    const { app } = testApp();
    const { headers } = await request(app).head('/app/app-B0YtjbSf.js').set('accept-encoding', accepted).expect(200);
    expect(headers).toMatchObject({
      'content-encoding': encoding,
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  test('where keys are needed, who has not signed in is led to where they can, and back afterwards', async () => {
    const { app } = testApp({ config: KEY_NEEDED });
    const { headers } = await request(app).get('/jobs/job123456/scene?view=1').expect(303);
    expect(headers.location).toBe('/sign-in?next=%2Fjobs%2Fjob123456%2Fscene%3Fview%3D1');
    await request(app).get('/app/app-B0YtjbSf.js').expect(200);
  });

  test('says how to build it where set-up has not', async () => {
    const { text } = await request(testApp({ webFolder: '/nowhere' }).app)
      .get('/new')
      .expect(503);
    expect(text).toContain('npm run setup');
  });
});
