import { allowance, budgetMessage, parseLimits } from '../../../contracts/job/budget';
import { newJobRecord, type Attempt, type JobRecord } from '../../../contracts/job/record';
import { testAttempt, testRequest } from '../../helpers/records';

const GPU = 'ml.g4dn.xlarge'; // 0.736 USD an hour
const HOUR = 3600;

const job = (limits: { budgetUsd?: number; maxHours?: number }, attempts: Attempt[] = []): JobRecord => ({
  ...newJobRecord('abcd1234', testRequest(limits), 0),
  attempts,
});

test('a job without limits runs as long as the stage may', () => {
  expect(allowance(job({}), 'training', GPU, 2 * HOUR)).toEqual({ maxRuntimeSeconds: 2 * HOUR, boundBy: null });
});

test('what is left of the budget bounds the next machine, by its price', () => {
  const spent = testAttempt({ costUsd: 0.632, billedSeconds: 3000 });
  expect(allowance(job({ budgetUsd: 1 }, [spent]), 'training', GPU, 2 * HOUR)).toEqual({
    maxRuntimeSeconds: HOUR / 2,
    boundBy: 'budgetUsd',
  });
});

test('machine hours count every attempt, whatever became of it', () => {
  const attempts = [
    testAttempt({ billedSeconds: HOUR, status: 'Failed' }),
    testAttempt({ billedSeconds: HOUR, attempt: 2 }),
  ];
  expect(allowance(job({ maxHours: 2.5 }, attempts), 'training', GPU, 2 * HOUR)).toEqual({
    maxRuntimeSeconds: HOUR / 2,
    boundBy: 'maxHours',
  });
});

test('the tighter of two limits is the one that is named', () => {
  expect(allowance(job({ budgetUsd: 0.736, maxHours: 0.5 }), 'training', GPU, 2 * HOUR)).toEqual({
    maxRuntimeSeconds: HOUR / 2,
    boundBy: 'maxHours',
  });
});

test('a limit above the cap of the stage bounds nothing', () => {
  expect(allowance(job({ budgetUsd: 100, maxHours: 100 }), 'training', GPU, 2 * HOUR)).toEqual({
    maxRuntimeSeconds: 2 * HOUR,
    boundBy: null,
  });
});

test('a budget that is spent leaves nothing, and never a negative time', () => {
  const spent = [testAttempt({ costUsd: 3 })];
  expect(allowance(job({ budgetUsd: 1 }, spent), 'training', GPU, HOUR).maxRuntimeSeconds).toBe(0);
  expect(budgetMessage(job({ budgetUsd: 1 }, spent), 'budgetUsd')).toContain('the job has cost 3.00 USD');
});

test.each([
  [{}, {}, 0],
  [{ budgetUsd: null }, {}, 0],
  [{ budgetUsd: 2, maxHours: 0.5 }, { budgetUsd: 2, maxHours: 0.5 }, 0],
  [{ budgetUsd: 0 }, null, 1],
  [{ budgetUsd: '2', maxHours: -1 }, null, 2],
  [{ maxHours: Infinity }, null, 1],
])('limits in %j are %j with %d problems', (fields, value, problems) => {
  const parsed = parseLimits(fields);
  if (problems === 0) expect(parsed).toEqual({ ok: true, value });
  else expect(parsed).toEqual({ ok: false, problems: Array(problems).fill(expect.anything()) });
});

test('of parts that run at once, each gets its share, and one that runs counts with all the time that it may run', () => {
  const inParts = (...attempts: Attempt[]): JobRecord => ({
    ...job({ maxHours: 3 }, attempts),
    parts: { training: [1, 2, 3] },
  });
  const first = testAttempt({ part: 1, status: 'Running', billedSeconds: 0, maxRuntimeSeconds: HOUR });
  const shareOf = (record: JobRecord): number => allowance(record, 'training', GPU, 2 * HOUR).maxRuntimeSeconds;
  expect(shareOf(inParts())).toBe(HOUR);
  expect(shareOf(inParts(first))).toBe(HOUR);
  expect(shareOf(inParts(first, { ...first, part: 2 }))).toBe(HOUR);
  expect(shareOf(inParts(first, { ...first, part: 2, status: 'Failed', billedSeconds: HOUR / 2 }))).toBe(0.75 * HOUR);
});
