import request from 'supertest';
import { failure } from '../../contracts/failures';
import { html } from '../../platform/html';
import { jobRecord, NOW_MS, openRun, testApp } from './helpers';

const HOSTILE = `"><script>alert('1')</script>&`;

describe('html', () => {
  test('escapes every value, in text and in attributes', () => {
    expect(html`<a title="${HOSTILE}">${HOSTILE}</a>`.toString()).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>`,
    );
  });

  test('keeps markup, joins lists and leaves out what is not there', () => {
    expect(html`<ul>${['<', html`<li>${0}</li>`]}${null}${undefined}${false}</ul>`.toString()).toBe('<ul>&lt;<li>0</li></ul>');
  });
});

describe('the page of a job', () => {
  const page = async (...given: Parameters<ReturnType<typeof testApp>['job']>): Promise<string> => {
    const { app, job } = testApp();
    job(...given);
    return (await request(app).get('/jobs/job123456').expect(200).expect('content-type', /html/)).text;
  };

  test('escapes what came from outside: names, messages, reasons', async () => {
    const record = jobRecord({
      state: 'parked',
      request: { ...jobRecord().request, location: { bucket: 'photos', key: `${HOSTILE}/` } },
      photos: { accepted: 3, rejected: [{ name: HOSTILE, reason: HOSTILE }], bytes: 1 },
      failure: failure('TOO_FEW_PHOTOS', HOSTILE),
      notice: HOSTILE,
      parkedUntilMs: NOW_MS,
    });
    const text = await page(record, openRun({ state: 'parked' }));
    expect(text).not.toContain('<script>');
    expect(text.match(/&lt;script&gt;/g)?.length).toBe(5);
  });

  test('escapes the reason of a cancel', async () => {
    const text = await page(jobRecord({ state: 'cancelled', cancelled: { reason: HOSTILE } }), null);
    expect(text).not.toContain('<script>');
    expect(text).toContain('Reason: &quot;&gt;&lt;script&gt;');
  });

  test('shows progress while the job runs, and looks for news', async () => {
    const heartbeat = { jobName: 'dev-job123456-sfm-a01', status: 'InProgress', startedAtMs: NOW_MS, logStream: null, logToken: null, progress: { phase: 'matching', done: 120, total: 306, metrics: {} } };
    const text = await page(jobRecord({ state: 'running', step: 'sfm' }), openRun({ heartbeat }));
    expect(text).toContain('<progress max="1" value="0.392">');
    expect(text).toContain('InProgress · matching · 120 of 306');
    expect(text).toContain('data-refresh-seconds="2"');
    expect(text).toContain('data-post="/v1/jobs/job123456/cancel"');
  });

  test('shows the scene, its numbers and downloads, and is not renewed any more', async () => {
    const compression = { attempt: 1, jobName: 'x', metrics: { gaussians: 10_000, shBands: 1, bytes: 150_000, ratioSh3: 16.53 } };
    const text = await page(jobRecord({ state: 'succeeded', accepted: { compression }, result: { files: [{ name: 'scene.sog', bytes: 150_000 }] } }), null);
    expect(text).toContain('<iframe class="viewer"');
    expect(text).toContain('content=%2Fv1%2Fjobs%2Fjob123456%2Fartifacts%2Fscene.sog%3Finline');
    expect(text).toContain('150 kB, 16.5 times smaller');
    expect(text).toContain('href="http://127.0.0.1:3000/v1/jobs/job123456/artifacts/scene.sog"');
    expect(text).toContain('data-refresh-seconds=""');
  });

  test('says what happened, what to do and until when', async () => {
    const text = await page(jobRecord({ state: 'parked', step: 'sfm', failure: failure('TOO_FEW_POINTS', 'only 12 points'), parkedUntilMs: NOW_MS }), openRun({ state: 'parked' }));
    expect(text).toContain('Camera reconstruction failed: only 12 points');
    expect(text).toContain('Fly again with 70 to 80 % overlap');
    expect(text).toContain('2026-11-21 10:00 UTC');
    expect(text).toContain('data-post="/v1/jobs/job123456/retry"');
  });
});

test('the front page lists jobs and shows how to start one', async () => {
  const { app, runs } = testApp();
  runs.runs.set('aaaaaaaa', openRun());
  const { text } = await request(app).get('/').expect(200);
  expect(text).toContain('<a href="/jobs/aaaaaaaa">');
  expect(text).toContain('curl -X POST http://127.0.0.1:3000/start-job');
});
