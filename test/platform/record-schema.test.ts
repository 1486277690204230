import { newJobRecord, type JobRecord } from '../../contracts/job/record';
import { parseRecord, UnreadableRecordError } from '../../platform/record-store';
import { failure } from '../../contracts/job/failures';
import { testAttempt, testPhotos, testRequest } from '../helpers/records';

const AT = Date.UTC(2026, 10, 21);
const stored = (record: unknown): unknown => JSON.parse(JSON.stringify(record));
const problem = (record: unknown): string => {
  try {
    parseRecord('abcd1234', stored(record));
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableRecordError);
    return (error as Error).message;
  }
  throw new Error('the record was read');
};

const full: JobRecord = {
  ...newJobRecord('abcd1234', testRequest({ options: { shBands: 1 }, webhookUrl: 'https://hooks.example.com/' }), AT),
  state: 'waiting',
  step: 'training',
  requestDigest: 'd',
  photos: testPhotos({ rejected: [{ name: 'a.heic', reason: 'HEIC' }] }),
  attempts: [testAttempt({ failure: { code: 'OUT_OF_MEMORY', message: 'full' } }), testAttempt({ part: 3 })],
  parts: { training: [1, 3] },
  accepted: [
    {
      stage: 'sfm',
      part: null,
      attempt: 1,
      jobName: 'x',
      metrics: { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: null },
    },
  ],
  failure: failure('PLATFORM_ERROR', 'the machine failed'),
  waiting: { for: 'decision', message: 'only 8 of 18', sinceMs: AT, untilMs: null },
  gates: [
    {
      stage: 'sfm',
      part: null,
      attempt: 1,
      verdict: 'accepted',
      failure: null,
      atMs: AT,
      acceptedBy: { by: 'Anna', atMs: AT },
    },
  ],
  cancelled: { reason: 'rain', by: 'Anna', atMs: AT },
  result: { files: [{ name: 'scene.sog', bytes: 7 }] },
  erasedAtMs: AT,
};

test('a record reads as it was written, in any state', () => {
  expect(parseRecord('abcd1234', stored(full))).toEqual(full);
  const fresh = newJobRecord('abcd1234', testRequest(), AT);
  expect(parseRecord('abcd1234', stored(fresh))).toEqual(fresh);
});

test('fields that a newer version wrote survive, also within lists', () => {
  const newer = {
    ...full,
    camera: 'Mavic',
    request: { ...full.request, options: { shBands: 1, spline: true } },
    attempts: [{ ...testAttempt(), spot: true }],
  };
  expect(parseRecord('abcd1234', stored(newer))).toEqual(newer);
});

test('a record of the first version reads as one of today', () => {
  const { location, email, preset, options, retryWindowSeconds } = testRequest();
  const done = {
    attempt: 1,
    jobName: 'x',
    metrics: { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6 },
  };
  const { memoryStep: _s, maxRuntimeSeconds: _m, resumedFrom: _r, part: _p, ...attempt } = testAttempt();
  const first = {
    version: 1,
    jobId: 'abcd1234',
    state: 'cancelled',
    step: 'training',
    request: { location, email, preset, options, retryWindowSeconds },
    createdAtMs: AT,
    updatedAtMs: AT + 1,
    endedAtMs: AT + 2,
    photos: { accepted: 18, rejected: [], bytes: 1000 },
    attempts: [attempt],
    accepted: { sfm: done },
    failure: null,
    parkedUntilMs: null,
    cancelled: { reason: 'rain' },
    notice: null,
    result: null,
  };
  expect(parseRecord('abcd1234', stored(first))).toEqual({
    ...newJobRecord('abcd1234', testRequest(), AT),
    state: 'cancelled',
    step: 'training',
    updatedAtMs: AT + 1,
    endedAtMs: AT + 2,
    photos: testPhotos(),
    attempts: [testAttempt()],
    accepted: [{ stage: 'sfm', part: null, ...done }],
    cancelled: { reason: 'rain', by: 'unknown', atMs: AT + 2 },
  });
});

test('a record that does not fit names its job and the fields', () => {
  const attempts = [{ ...testAttempt(), status: 'Dreaming' }];
  expect(problem({ ...full, attempts })).toMatch(/job abcd1234 .*attempts\.0\.status/);
  expect(problem({ ...full, request: { ...full.request, preset: 'huge' } })).toMatch(/request\.preset/);
  expect(problem({ ...full, updatedAtMs: 'now' })).toMatch(/updatedAtMs/);
  expect(problem({ ...full, attempts: 'none' })).toMatch(/attempts/);
  for (const nothing of [null, 'text', []]) expect(problem(nothing)).toMatch(/abcd1234/);
});
