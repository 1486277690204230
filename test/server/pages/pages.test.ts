import { parkedWords, undecidedWords } from '../../../contracts/job/words';
import request from 'supertest';
import { FAILURES, failure, type FailureCode } from '../../../contracts/job/failures';
import type { JobRecord } from '../../../contracts/job/record';
import type { WaitsFor } from '../../../contracts/job/state';
import type { DeliveryRecord } from '../../../contracts/messages/notifications';
import { html } from '../../../platform/html';
import { testAttempt, testPhotos } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const HOSTILE = `"><script>alert('1')</script>&`;

describe('html', () => {
  test('escapes every value, in text and in attributes', () => {
    expect(html`<a title="${HOSTILE}">${HOSTILE}</a>`.toString()).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>`,
    );
  });

  test('keeps markup, joins lists and leaves out what is not there', () => {
    expect(html`<ul>${['<', html`<li>${0}</li>`]}${null}${undefined}${false}</ul>`.toString()).toBe(
      '<ul>&lt;<li>0</li></ul>',
    );
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
      photos: testPhotos({ accepted: 3, rejected: [{ name: HOSTILE, reason: HOSTILE }] }),
      failure: failure('TOO_FEW_PHOTOS', HOSTILE),
      notice: HOSTILE,
      parkedUntilMs: NOW_MS,
    });
    const text = await page(record, openRun({ state: 'parked' }));
    expect(text).not.toContain('<script>');
    expect(text.match(/&lt;script&gt;/g)?.length).toBe(5);
  });

  test('escapes why and by whom a job was cancelled, what it waits for, and what a mail server said', async () => {
    const text = await page(
      jobRecord({ state: 'cancelled', cancelled: { reason: HOSTILE, by: HOSTILE, atMs: NOW_MS } }),
      null,
    );
    expect(text).not.toContain('<script>');
    expect(text).toContain('Reason: &quot;&gt;&lt;script&gt;');
    expect(text).toContain('By &quot;&gt;&lt;script&gt;');
    for (const what of ['capacity', 'decision', 'resume'] as const)
      expect(await page(waitingFor(what, HOSTILE), openRun())).not.toContain('<script>');
    expect(await failedPage([{ ...REFUSED, detail: HOSTILE }])).not.toContain('<script>');
  });

  test('S02: says that a scene is not georeferenced, and why', async () => {
    const warnings = ['The scene is not georeferenced: 15 of 18 photos have the same GPS position <as> another photo.'];
    const metrics = { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6, warnings };
    const accepted = [{ stage: 'sfm', part: null, attempt: 1, jobName: 'x', metrics }] as const;
    const text = await page(jobRecord({ state: 'succeeded', accepted }), null);
    expect(text).toContain('15 of 18 photos have the same GPS position &lt;as&gt; another photo.');
  });

  test('shows progress while the job runs, and looks for news', async () => {
    const heartbeat = {
      jobName: 'dev-job123456-sfm-a01',
      status: 'InProgress',
      startedAtMs: NOW_MS,
      logStream: null,
      logToken: null,
      progress: { phase: 'matching', done: 120, total: 306, metrics: {} },
    };
    const text = await page(jobRecord({ state: 'running', step: 'sfm' }), openRun({ heartbeats: [heartbeat] }));
    expect(text).toContain('<progress max="1" value="0.392">');
    expect(text).toContain('InProgress · matching · 120 of 306');
    expect(text).toContain('data-refresh-seconds="2"');
    expect(text).toContain('data-post="/v1/jobs/job123456/cancel"');
  });

  test('shows the scene, its numbers and downloads, and is not renewed any more', async () => {
    const compression = {
      stage: 'compression' as const,
      part: null,
      attempt: 1,
      jobName: 'x',
      metrics: { gaussians: 10_000, shBands: 1, bytes: 150_000, ratioSh3: 16.53 },
    };
    const text = await page(
      jobRecord({
        state: 'succeeded',
        accepted: [compression],
        result: { files: [{ name: 'scene.sog', bytes: 150_000 }] },
      }),
      null,
    );
    expect(text).toContain('<iframe class="viewer"');
    expect(text).toContain('content=%2Fv1%2Fjobs%2Fjob123456%2Fartifacts%2Fscene.sog%3Finline');
    expect(text).toContain('150 kB, 16.5 times smaller than a PLY of the same Gaussians with all harmonics (2.48 MB)');
    expect(text).toContain('href="http://127.0.0.1:3000/v1/jobs/job123456/artifacts/scene.sog"');
    expect(text).toContain('data-refresh-seconds=""');
  });

  test('of a parked job says what happened, what to do, what it cost, which budget it had, and until when', async () => {
    const request = { ...jobRecord().request, budgetUsd: 5, maxHours: 2.5 };
    const parked = {
      state: 'parked',
      step: 'sfm',
      request,
      failure: failure('TOO_FEW_POINTS', 'only 12 points'),
      parkedUntilMs: NOW_MS,
    } as const;
    const text = await page(
      jobRecord({ ...parked, attempts: [testAttempt({ stage: 'sfm' })] }),
      openRun({ state: 'parked' }),
    );
    expect(text).toContain('<h2>Too little of the place could be reconstructed</h2>');
    expect(text).toContain('the job stopped at “Camera reconstruction”: only 12 points.');
    expect(text).toContain(FAILURES.TOO_FEW_POINTS.advice);
    expect(text).toContain('$0.0123 for 1 min 0 s of machines; the budget is $5.00 and 2 h 30 min of machines.');
    expect(text).toContain(parkedWords(NOW_MS));
    expect(parkedWords(NOW_MS)).toContain('until 2026-11-21 10:00 UTC');
    expect(buttons(text)).toEqual(['Retry', 'Give up']);
  });

  const FIT = {
    photos: 16,
    registered: 8,
    parts: [8, 7],
    unfitted: [
      { name: HOSTILE, reason: HOSTILE, features: 4213, partners: 3, thumbnail: 'thumbnails/a b.jpg.webp' },
      { name: 'notes.txt', reason: 'not an image', features: null, partners: null, thumbnail: null },
    ],
    unfittedCount: 8,
  };
  const rejectedBy = { stage: 'sfm', part: null, attempt: 1, atMs: NOW_MS, acceptedBy: null, fit: FIT } as const;

  test.each(['parked', 'failed', 'waiting'] as const)(
    'of a %s job says which photos fitted, which did not, and why, with the numbers and a look at them',
    async (state) => {
      const why = failure('TOO_FEW_REGISTERED', 'only 8 of 16 photos fit together', 'Add photos between the parts.');
      const record = jobRecord({
        state,
        step: 'sfm',
        failure: state === 'waiting' ? null : why,
        waiting: state === 'waiting' ? { for: 'decision', message: why.message, sinceMs: NOW_MS, untilMs: null } : null,
        attempts: [testAttempt({ stage: 'sfm' })],
        gates: [{ ...rejectedBy, verdict: state === 'waiting' ? 'undecided' : 'rejected', failure: why }],
      });
      const text = await page(record, state === 'failed' ? null : openRun({ state }));
      expect(text).toContain('8 of 16 photos fitted together. Another part, which nothing connects with them, has 7');
      expect(text).toContain('<details open><summary>8 photos did not fit</summary>');
      expect(text).toContain('(4,213 features, matches 3 photos)');
      expect(text).toContain('<code>notes.txt</code><br>not an image<');
      expect(text).toContain(
        '<img src="http://127.0.0.1:3000/v1/jobs/job123456/artifacts/thumbnails/a%20b.jpg.webp?inline"',
      );
      expect(text.match(/<img /g)).toHaveLength(1);
      expect(text).toContain('href="/v1/jobs/job123456/artifacts/photos.json"');
      expect(text).toContain('<p>and 6 more</p>');
      expect(text).not.toContain('<script>');
      const advice = state === 'waiting' ? 'For a scene with more of them: ' : 'What to do:</strong> ';
      expect(text).toContain(`${advice}Add photos between the parts.`);
      expect(text.match(/Add photos between the parts/g)).toHaveLength(1);
    },
  );

  test('of a finished scene says which photos are not in it; of one with all photos, nothing', async () => {
    const metrics = { photos: 18, registered: 17, points: 4000, reprojectionErrorPx: 0.6 };
    const of = (more: object): JobRecord =>
      jobRecord({
        state: 'succeeded',
        accepted: [{ stage: 'sfm', part: null, attempt: 1, jobName: 'x', metrics: { ...metrics, ...more } }],
      });
    expect(await page(of({ unregistered: [{ name: 'a.jpg', reason: 'blurred' }] }), null)).toContain(
      '<code>a.jpg</code><br>blurred',
    );
    expect(await page(of({ registered: 18, unregistered: [] }), null)).not.toContain('Which photos fitted');
    const leftOut = [{ name: 'b_T.jpg', reason: 'a <thermal> photo' }];
    const text = await page(of({ registered: 18, unregistered: [], leftOut }), null);
    expect(text).toContain('One photo was not used for the');
    expect(text).toContain('<code>b_T.jpg</code>: a &lt;thermal&gt; photo');
  });

  test('names photos without a look at them once the files of the attempt are deleted', async () => {
    const record = jobRecord({
      state: 'failed',
      attempts: [testAttempt({ stage: 'sfm' })],
      gates: [{ ...rejectedBy, verdict: 'rejected', failure: null }],
      expiredAtMs: { intermediates: NOW_MS, results: null },
    });
    const text = await page(record, null);
    expect(text).toContain('8 photos did not fit');
    expect(text).not.toContain('<img ');
  });

  test('invites to a retry only where the same photos may do', async () => {
    const retry = async (code: FailureCode) =>
      (await page(jobRecord({ state: 'parked', failure: failure(code, 'why') }), openRun())).match(
        /<button([^>]*)>Retry/,
      )?.[1] ?? 'no button';
    for (const code of ['BUDGET_EXCEEDED', 'QUOTA_ZERO', 'PLATFORM_ERROR'] as const)
      expect(await retry(code)).toContain('class="main"');
    for (const code of ['TOO_FEW_POINTS', 'NO_PHOTOS'] as const)
      expect(await retry(code)).not.toContain('class="main"');
  });

  const REFUSED: DeliveryRecord = {
    eventId: 'e',
    event: 'job.failed',
    channel: 'mail',
    status: 'rejected',
    detail: '550 no such user',
    at: '2026-11-21T10:00:00Z',
  };

  async function failedPage(deliveries: readonly DeliveryRecord[]): Promise<string> {
    const { app, job, store } = testApp();
    job(
      jobRecord({
        state: 'failed',
        step: 'sfm',
        updatedAtMs: NOW_MS,
        failure: failure('TOO_FEW_POINTS', 'only 12 points'),
      }),
      null,
    );
    store.delivered.set('job123456', deliveries);
    return (await request(app).get('/jobs/job123456').expect(200)).text;
  }

  test('warns of a mail that was refused and of a webhook that was given up, and of nothing that arrived', async () => {
    const text = await failedPage([
      REFUSED,
      { ...REFUSED, channel: 'webhook', status: 'expired', detail: null },
      { ...REFUSED, status: 'delivered', detail: 'taken' },
    ]);
    expect(text).toContain('The mail to the submitter was refused: 550 no such user');
    expect(text).toContain('The webhook of this job could not be delivered in time');
    expect(text).not.toContain('taken');
    expect(buttons(text)).toEqual(['Retry']);
  });

  const waitingFor = (what: WaitsFor, message: string, more: Partial<JobRecord> = {}): JobRecord =>
    jobRecord({
      state: 'waiting',
      step: 'training',
      waiting: { for: what, message, sinceMs: NOW_MS, untilMs: NOW_MS },
      ...more,
    });

  test('of a job without a machine says that it continues by itself, and when it gives up', async () => {
    const text = await page(waitingFor('capacity', 'no ml.g4dn.xlarge in us-west-2'), openRun());
    expect(text).toContain('Waiting for a machine');
    expect(text).toContain('waiting costs nothing');
    expect(text).toContain('If there is none until <strong>2026-11-21 10:00 UTC</strong>');
    expect(text).toContain('no ml.g4dn.xlarge in us-west-2');
    expect(buttons(text)).toEqual(['Pause after this step', 'Cancel the job']);
  });

  test('of an undecided job says what each answer means, and what no answer means', async () => {
    const text = await page(waitingFor('decision', 'only 42 of 100 photos fit together', { step: 'sfm' }), openRun());
    expect(text).toContain('Your decision is needed');
    expect(text).toContain('Only 42 of 100 photos fit together.');
    expect(text).toContain(undecidedWords('2026-11-21T10:00:00Z'));
    expect(buttons(text)).toEqual(['Accept', 'Stop']);
  });

  test('of a paused job, and of one that will pause, says how it is resumed', async () => {
    const paused = await page(
      waitingFor('resume', 'paused before "Training the 3D model"', { pauseRequested: true }),
      openRun(),
    );
    expect(paused).toContain('No machine runs and nothing is spent');
    expect(buttons(paused)).toEqual(['Resume', 'Cancel the job']);
    const pausing = await page(jobRecord({ state: 'running', step: 'sfm', pauseRequested: true }), openRun());
    expect(pausing).toContain('The step that runs now is finished first');
    expect(buttons(pausing)).toEqual(['Do not pause', 'Cancel the job']);
  });

  test('of a cancelled job says who, when and why; of one that is being stopped, why it takes a while', async () => {
    const cancelled = await page(
      jobRecord({
        state: 'cancelled',
        cancelled: { reason: 'wrong field', by: 'Ada', atMs: NOW_MS },
        updatedAtMs: NOW_MS,
      }),
      null,
    );
    expect(cancelled).toContain('By Ada at 2026-11-21 10:00 UTC. Reason: wrong field');
    expect(buttons(cancelled)).toEqual(['Retry']);
    const stopping = await page(jobRecord({ state: 'cancelling', step: 'training' }), openRun());
    expect(stopping).toContain('The machine was told to stop');
    expect(buttons(stopping)).toEqual([]);
  });

  test('of a queued job says that it is in line', async () => {
    const text = await page(jobRecord(), openRun({ state: 'queued' }));
    expect(text).toContain('In line');
    expect(buttons(text)).toEqual(['Pause', 'Cancel the job']);
  });

  test('says that a scene was deleted when its time was over, and that a retry makes everything again', async () => {
    const expiredAtMs = { intermediates: NOW_MS, results: NOW_MS };
    expect(await page(jobRecord({ state: 'succeeded', updatedAtMs: NOW_MS, expiredAtMs }), null)).toContain(
      'were deleted at 2026-11-21 10:00 UTC',
    );
    const failed = { state: 'failed', failure: failure('PLATFORM_ERROR', 'it broke'), updatedAtMs: NOW_MS } as const;
    expect(buttons(await page(jobRecord({ ...failed, expiredAtMs }), null))).toEqual(['Do it all again']);
  });

  test('of an unknown job is a page that says so', async () => {
    const { text } = await request(testApp().app).get('/jobs/unknown123').expect(404).expect('content-type', /html/);
    expect(text).toContain('There is no such job');
  });
});

/** Labels of the buttons of a page, in order. */
const buttons = (page: string): string[] =>
  [...page.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map(([, label = '']) => label);

test('the front page lists jobs and shows how to start one', async () => {
  const { app, job } = testApp();
  job(jobRecord({ jobId: 'aaaaaaaa' }), openRun());
  const { text } = await request(app).get('/').expect(200);
  expect(text).toContain('<a class="name" href="/jobs/aaaaaaaa">');
  expect(text).toContain('curl -X POST http://127.0.0.1:3000/start-job');
});
