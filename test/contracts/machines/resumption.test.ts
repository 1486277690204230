import { newJobRecord, type Attempt, type JobRecord } from '../../../contracts/job/record';
import { resumableAttempt, unjudgedAttempt } from '../../../contracts/machines/resumption';
import { testAttempt, testRequest } from '../../helpers/records';

const job = (...attempts: Attempt[]): JobRecord => ({ ...newJobRecord('abcd1234', testRequest(), 0), attempts });
const failed = (
  code: 'MAX_RUNTIME_EXCEEDED' | 'PLATFORM_ERROR' | 'INTERNAL_ERROR' | 'OUT_OF_MEMORY',
  changes: Partial<Attempt> = {},
): Attempt => testAttempt({ status: 'Failed', failure: { code, message: '' }, ...changes });

test('a training that the platform or the clock cut short can be resumed', () => {
  expect(resumableAttempt(job(failed('PLATFORM_ERROR')), 'training', null, 0)).toBe(1);
  expect(
    resumableAttempt(
      job(testAttempt({ status: 'Stopped', failure: { code: 'MAX_RUNTIME_EXCEEDED', message: '' } })),
      'training',
      null,
      0,
    ),
  ).toBe(1);
});

test('a training that ended by itself, or is the first, cannot be resumed', () => {
  expect(resumableAttempt(job(), 'training', null, 0)).toBeNull();
  expect(resumableAttempt(job(failed('INTERNAL_ERROR')), 'training', null, 0)).toBeNull();
  expect(resumableAttempt(job(testAttempt()), 'training', null, 0)).toBeNull();
});

test('an attempt that had resumed another leads back to the first, where the checkpoints lie', () => {
  expect(
    resumableAttempt(
      job(failed('MAX_RUNTIME_EXCEEDED'), failed('PLATFORM_ERROR', { attempt: 2, resumedFrom: 1 })),
      'training',
      null,
      0,
    ),
  ).toBe(1);
});

describe('a completed attempt that no gate has seen', () => {
  test('is looked at before another machine is rented', () => {
    expect(unjudgedAttempt(job(testAttempt({ stage: 'sfm' })), 'sfm', null)).toMatchObject({ attempt: 1 });
  });

  test('counts no more once it was judged, has failed, or has other options', () => {
    const sfm = testAttempt({ stage: 'sfm' });
    const judged = {
      stage: 'sfm' as const,
      part: null,
      attempt: 1,
      verdict: 'undecided' as const,
      failure: null,
      atMs: 1,
      acceptedBy: null,
    };
    expect(unjudgedAttempt({ ...job(sfm), gates: [judged] }, 'sfm', null)).toBeNull();
    expect(unjudgedAttempt(job(failed('PLATFORM_ERROR', { stage: 'sfm' })), 'sfm', null)).toBeNull();
    expect(unjudgedAttempt(job({ ...sfm, failure: { code: 'REPORT_MISSING', message: '' } }), 'sfm', null)).toBeNull();
    expect(unjudgedAttempt(job({ ...sfm, options: { maxNumFeatures: 1000 } }), 'sfm', null)).toBeNull();
    expect(unjudgedAttempt(job({ ...sfm, options: { maxGaussians: 5000 } }), 'sfm', null)).toMatchObject({
      attempt: 1,
    }); // not an option of SfM
  });

  test('is that of the stage in question, with nothing after it', () => {
    expect(unjudgedAttempt(job(testAttempt({ stage: 'sfm' }), testAttempt()), 'sfm', null)).toBeNull();
    expect(unjudgedAttempt(job(testAttempt({ stage: 'sfm' })), 'training', null)).toBeNull();
    expect(unjudgedAttempt(job(), 'sfm', null)).toBeNull();
  });
});

test('other settings or a newer sparse model start anew', () => {
  expect(resumableAttempt(job(failed('PLATFORM_ERROR')), 'training', null, 1)).toBeNull();
  expect(
    resumableAttempt(job(failed('PLATFORM_ERROR', { options: { maxGaussians: 5000 } })), 'training', null, 0),
  ).toBeNull();
  expect(
    resumableAttempt(job(failed('PLATFORM_ERROR'), testAttempt({ stage: 'sfm', attempt: 2 })), 'training', null, 0),
  ).toBeNull();
});

test('a part looks back at its own attempts, whatever other parts have done since', () => {
  const cut = failed('PLATFORM_ERROR', { part: 1, attempt: 3 });
  const other = testAttempt({ part: 2 });
  expect(resumableAttempt(job(cut, other), 'training', 1, 0)).toBe(3);
  expect(resumableAttempt(job(other), 'training', 1, 0)).toBeNull();
  expect(unjudgedAttempt(job(other, cut), 'training', 2)).toMatchObject({ part: 2 });
  expect(unjudgedAttempt(job(other, testAttempt({ stage: 'sfm' })), 'training', 2)).toBeNull();
});
