import { jobMessage as messageOf } from '../../../activities/notify/mail-messages';
import type { MailMessage } from '../../../platform/mail/message';
import { FAILURES, failure, type FailureCode } from '../../../contracts/job/failures';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { FILES_STAY, parkedWords, undecidedWords } from '../../../contracts/job/words';
import { testAttempt, testPhotos, testRequest } from '../../helpers/records';

const page = 'http://127.0.0.1:3000/jobs/job123456';
const TEMPORAL = { address: 'temporal.example:7233', namespace: 'flights' };
const jobMessage = (record: JobRecord, pageUrl: string): MailMessage => messageOf(record, pageUrl, TEMPORAL);
const MINUTE = 60_000;
const AT = Date.UTC(2026, 10, 21, 10);
const full: JobRecord = {
  ...newJobRecord(
    'job123456',
    testRequest({ location: { bucket: 'photos', key: 'flight/' }, retryWindowSeconds: 3600 }),
    AT,
  ),
  endedAtMs: AT + 4 * MINUTE,
  step: 'publish',
  photos: testPhotos({ accepted: 18, rejected: [{ name: 'a.heic', reason: 'HEIC' }] }),
  attempts: [
    testAttempt({ stage: 'sfm', costUsd: 0.01 }),
    testAttempt({ attempt: 2, billedSeconds: 120, costUsd: 1.2 }),
  ],
  accepted: [
    {
      stage: 'sfm',
      part: null,
      attempt: 1,
      jobName: 'x',
      metrics: { photos: 18, registered: 17, points: 5321, reprojectionErrorPx: 0.7 },
    },
    {
      stage: 'training',
      part: null,
      attempt: 2,
      jobName: 'y',
      metrics: {
        gaussians: 10_000,
        iterations: 1000,
        evaluationWidth: 400,
        psnr: 19.314,
        ssim: 0.5512,
        modelBytes: 2_480_000,
      },
    },
    {
      stage: 'compression',
      part: null,
      attempt: 1,
      jobName: 'z',
      metrics: { gaussians: 10_000, shBands: 1, bytes: 150_000, ratioSh3: 16.53 },
    },
  ],
};
const succeeded: JobRecord = { ...full, state: 'succeeded', result: { files: [] } };
const parked: JobRecord = {
  ...full,
  state: 'parked',
  step: 'sfm',
  endedAtMs: null,
  failure: failure('TOO_FEW_POINTS', 'only 12 points could be reconstructed'),
  parkedUntilMs: Date.UTC(2026, 10, 22, 10),
};
const failed: JobRecord = {
  ...full,
  state: 'failed',
  step: 'training',
  failure: failure('PLATFORM_ERROR', 'the machine failed three times'),
};
const cancelled: JobRecord = {
  ...full,
  state: 'cancelled',
  cancelled: { reason: 'it rains', by: 'Anna', atMs: AT + 3 * MINUTE },
};
const undecided: JobRecord = {
  ...full,
  state: 'waiting',
  step: 'sfm',
  endedAtMs: null,
  waiting: {
    for: 'decision',
    message: 'only 8 of 18 photos fit together',
    sinceMs: AT,
    untilMs: Date.UTC(2026, 10, 22, 10),
  },
  gates: [
    {
      stage: 'sfm',
      part: null,
      attempt: 1,
      verdict: 'undecided',
      failure: { code: 'TOO_FEW_REGISTERED', message: 'only 8 of 18 photos fit together' },
      atMs: AT,
      acceptedBy: null,
    },
  ],
};

describe('the mail', () => {
  test('about a scene that is ready links its page and tells its numbers, time and cost', () => {
    const { subject, text, html } = jobMessage(succeeded, page);
    expect(subject).toBe('Your 3D scene is ready (flight)');
    for (const part of [
      page,
      '17 of 18',
      '5,321',
      '10,000',
      'PSNR 19.31 dB, SSIM 0.551',
      '150 kB, 16.5 times smaller than a PLY of the same Gaussians with all harmonics (2.48 MB)',
      '4 min 0 s',
      '$1.21',
      'attempt 2',
    ]) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    expect(html).toContain(`<a href="${page}"`);
  });

  test('about a parked job says what happened, what to do, until when, how to retry and what it has cost', () => {
    const { subject, text } = jobMessage(parked, page);
    expect(subject).toBe('Too little of the place could be reconstructed: your job waits for you (flight)');
    for (const part of [
      'at "Camera reconstruction": only 12 points could be reconstructed.',
      FAILURES.TOO_FEW_POINTS.advice,
      '2026-11-22 10:00 UTC',
      'Cost: $1.21 so far.',
      'temporal workflow signal --address temporal.example:7233 --namespace flights --workflow-id job-job123456 --name retry',
      'Error code: TOO_FEW_POINTS',
      page,
    ])
      expect(text).toContain(part);
  });

  test("names the deployment's Temporal in its commands, as a shell takes it", () => {
    const { text } = messageOf(parked, page, { address: '[::1]:7233', namespace: "it's" });
    expect(text).toContain(`--address '[::1]:7233' --namespace 'it'\\''s' --workflow-id`);
  });

  test('says what happens without a retry, and without an answer, in the words of the page', () => {
    expect(jobMessage(parked, page).text).toContain(parkedWords(parked.parkedUntilMs));
    expect(jobMessage(undecided, page).text).toContain(undecidedWords(Date.UTC(2026, 10, 22, 10)));
  });

  test('calls a job by the name that it was given', () => {
    const named = { ...succeeded, request: { ...succeeded.request, name: 'North field' } };
    const { subject, text } = jobMessage(named, page);
    expect(subject).toBe('Your 3D scene is ready (North field)');
    expect(text).toContain('Name: North field');
  });

  test('about a limit that was reached has a command that raises it', () => {
    const why = failure('BUDGET_EXCEEDED', 'the budget of 5 USD would be passed');
    const budget = jobMessage({ ...parked, failure: why, request: testRequest({ budgetUsd: 5 }) }, page);
    expect(budget.text).toContain(`--name retry --input '{"budgetUsd":10}'`);
    const hours = jobMessage({ ...parked, failure: why, request: testRequest({ maxHours: 1.5 }) }, page);
    expect(hours.text).toContain(`--name retry --input '{"maxHours":3}'`);
  });

  test('about a job that waits for a decision says what the question is, until when it waits, and how to answer', () => {
    const { subject, text } = jobMessage(undecided, page);
    expect(subject).toContain('Your decision is needed');
    for (const part of [
      'After "Camera reconstruction": only 8 of 18 photos fit together.',
      FAILURES.TOO_FEW_REGISTERED.advice,
      'The job waits until 2026-11-22 10:00 UTC',
      'Cost: $1.21 so far.',
      '--workflow-id job-job123456 --name accept',
      '--workflow-id job-job123456 --name cancel',
    ])
      expect(text).toContain(part);
  });

  test.each([
    ['parked', parked],
    ['failed', { ...failed, step: 'sfm' as const }],
    ['waiting', undecided],
  ])('about a %s job names the first ten photos that did not fit, and why, and counts the others', (_, job) => {
    const unfitted = Array.from({ length: 12 }, (_nothing, index) => ({
      ...{ name: `DJI_${index}.JPG`, reason: '<overlaps> too little', features: 4213, partners: 3, thumbnail: null },
    }));
    const fit = { photos: 40, registered: 15, parts: [15, 9], unfitted, unfittedCount: 25 };
    const why = { code: 'TOO_FEW_REGISTERED', message: 'only 15 of 40 photos fit', advice: 'Join the parts.' } as const;
    const { text, html } = jobMessage(
      {
        ...job,
        accepted: [],
        gates: [
          { stage: 'sfm', part: null, attempt: 1, verdict: 'undecided', failure: why, atMs: AT, acceptedBy: null, fit },
        ],
      },
      page,
    );
    for (const body of [text, html])
      for (const part of ['15 of 40 photos fitted together. Another part', 'DJI_0.JPG', 'DJI_9.JPG', 'and 15 more'])
        expect(body).toContain(part);
    expect(text).toContain('\n- DJI_0.JPG: <overlaps> too little (4,213 features, matches 3 photos)\n');
    expect(html).toContain('&lt;overlaps&gt;');
    expect(text).not.toContain('DJI_10.JPG');
    if (job.state === 'waiting') expect(text).toContain('Join the parts.');
  });

  test('about a failed job says what happened, what to do, what it cost and how to run it again', () => {
    const { subject, text } = jobMessage(failed, page);
    expect(subject).toBe('The rented machine failed: your job failed (flight)');
    for (const part of [
      'the machine failed three times.',
      'Retry the job: the rented machine failed, not your photos.',
      'press Retry',
      'Cost: $1.21',
    ])
      expect(text).toContain(part);
  });

  test('about a cancelled job says who cancelled it, when, why and what it cost', () => {
    const { text } = jobMessage(cancelled, page);
    for (const part of ['Cancelled by: Anna, on 2026-11-21 10:03 UTC', 'Reason: it rains', 'Cost: $1.21'])
      expect(text).toContain(part);
    expect(text).not.toContain(FILES_STAY);
  });

  test.each([cancelled, failed, parked])(
    'a job that made other files, and is $state, tells that it keeps its scene',
    (record) => {
      const result = { files: [{ name: 'scene.sog', bytes: 7 }] };
      expect(jobMessage({ ...record, result }, page).text).toContain(`Its scene: ${FILES_STAY}`);
    },
  );

  test.each(Object.keys(FAILURES) as FailureCode[])(
    'about %s has a heading and an advice of whole sentences',
    (code) => {
      const { subject, text } = jobMessage({ ...parked, failure: failure(code, 'what the program said') }, page);
      expect(subject.startsWith(`${FAILURES[code].title}: your job waits`)).toBe(true);
      expect(text.split('\n')[0]).toMatch(/^[A-Z].*[^.]$/);
      expect(text).toMatch(/What you can do: [A-Z].*\.\n/);
    },
  );

  test('escapes what came from outside', () => {
    const hostile = '<img src=x onerror="alert(1)">';
    for (const record of [
      { ...failed, failure: failure('NO_PHOTOS', hostile) },
      { ...cancelled, cancelled: { ...cancelled.cancelled!, reason: hostile } },
      { ...succeeded, request: { ...full.request, location: { bucket: 'photos', key: hostile } } },
    ]) {
      const { html } = jobMessage(record, page);
      expect(html).not.toContain('<img');
      expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
    }
  });

  test('has a subject of one short line', () => {
    const key = `a\u202e\r\nBcc: all@example.com\u0000${'x'.repeat(300)}/`;
    const { subject } = jobMessage(
      { ...succeeded, request: { ...full.request, location: { bucket: 'photos', key } } },
      page,
    );
    expect(subject).not.toMatch(/[\u0000-\u001f\u007f\u202e]/);
    expect(subject.length).toBeLessThanOrEqual(120);
  });

  const states: [string, JobRecord][] = [
    ['succeeded', succeeded],
    ['parked', parked],
    ['failed', failed],
    ['cancelled', cancelled],
    ['waiting', undecided],
  ];
  const nullable = [
    'step',
    'failure',
    'photos',
    'waiting',
    'cancelled',
    'parkedUntilMs',
    'endedAtMs',
    'result',
  ] as const;
  const cases = states.flatMap(([state, record]) => nullable.map((field) => [state, field, record] as const));
  test.each(cases)('about a %s job works without %s', (_state, field, record) => {
    const { subject, text, html } = jobMessage({ ...record, [field]: null }, page);
    expect(subject).not.toBe('');
    expect(text).toContain(page);
    for (const part of [subject, text, html]) expect(part).not.toMatch(/undefined|\bnull\b|NaN|\[object/);
  });

  test.each(states)('about a %s job works for one that has only begun', (state) => {
    const { text, html } = jobMessage(
      { ...newJobRecord('job123456', testRequest(), AT), state: state as JobRecord['state'] },
      page,
    );
    for (const part of [text, html]) expect(part).not.toMatch(/undefined|\bnull\b|NaN|\[object/);
  });
});

test('S02: the mail about a scene that is not georeferenced says so, and why', () => {
  const reason = 'The scene is not georeferenced: 15 of 18 photos have the same GPS position as another photo.';
  const [sfm, ...others] = succeeded.accepted;
  const warned = { ...succeeded, accepted: [{ ...sfm, metrics: { ...sfm?.metrics, warnings: [reason] } }, ...others] };
  const { text, html } = jobMessage(warned as JobRecord, page);
  expect(text).toContain(`Good to know: ${reason}`);
  expect(html).toContain(reason);
  expect(jobMessage(succeeded, page).text).not.toContain('Good to know');
});
