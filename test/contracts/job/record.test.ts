import { firstOpenStage, newJobRecord, nextAttempt, reopenFrom, type JobRecord } from '../../../contracts/job/record';
import type { Stage } from '../../../contracts/stages/stage';
import { testAttempt, testRequest } from '../../helpers/records';

const done = (stage: Stage, part: number | null): JobRecord['accepted'][number] =>
  ({ stage, part, attempt: 1, jobName: 'x', metrics: {} }) as unknown as JobRecord['accepted'][number];
const inParts = (...accepted: JobRecord['accepted']): JobRecord => ({
  ...newJobRecord('abcd1234', testRequest(), 0),
  parts: { training: [1, 2] },
  accepted,
});

test('a stage is done when all its parts are', () => {
  expect(firstOpenStage(inParts(done('sfm', null), done('training', 2)))).toBe('training');
  expect(firstOpenStage(inParts(done('sfm', null), done('training', 2), done('training', 1)))).toBe('compression');
});

test('a retry keeps the parts that are done, and starts a finished stage anew', () => {
  const half = [done('sfm', null), done('training', 2)];
  expect(reopenFrom(inParts(...half), 'training').accepted).toEqual(half);
  expect(reopenFrom(inParts(...half, done('training', 1)), 'training').accepted).toEqual([done('sfm', null)]);
  expect(reopenFrom(inParts(...half), 'sfm').accepted).toEqual([]);
});

test('each part counts its own attempts', () => {
  const record = {
    ...inParts(),
    attempts: [testAttempt({ part: 1, attempt: 4 }), testAttempt({ part: null, attempt: 7 })],
  };
  expect([1, 2, null].map((part) => nextAttempt(record, 'training', part))).toEqual([5, 1, 8]);
});
