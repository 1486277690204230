import { JOB_ID_PATTERN } from '../../../contracts/machines/names';
import { jobIdOfKey, randomJobId } from '../../../server/jobs/job-id';

test('job ids fit into job names, and random ones differ', () => {
  const ids = Array.from({ length: 1000 }, randomJobId);
  for (const id of [...ids, jobIdOfKey('local', 'x')]) expect(id).toMatch(JOB_ID_PATTERN);
  expect(new Set(ids).size).toBe(1000);
});

test('a key is one id for ever, and another for another tenant or key', () => {
  expect(jobIdOfKey('local', 'flight-7')).toBe(jobIdOfKey('local', 'flight-7'));
  expect(new Set([jobIdOfKey('a', 'bc'), jobIdOfKey('ab', 'c'), jobIdOfKey('a', 'bd')]).size).toBe(3);
});
