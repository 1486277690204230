import type { JobRun } from '../../../contracts/job/run';
import { KeptBesideRuns } from '../../../server/jobs/kept-beside-runs';
import { openRun } from '../helpers';

const ended: JobRun = { ...openRun(), status: 'COMPLETED', closedAtMs: 5000 };

/** Gives each reading a number. */
function kept() {
  let reads = 0;
  let nowMs = 0;
  const jobs = new KeptBesideRuns(
    async () => (reads += 1),
    () => nowMs,
  );
  return { jobs, at: (ms: number) => (nowMs = ms) };
}

test('what is stored of an open job is read again where its history has grown, or another run has begun', async () => {
  const { jobs } = kept();
  const run = openRun({ historyLength: 10 });
  expect(await jobs.get('a', run)).toBe(1);
  expect(await jobs.get('a', run)).toBe(1);
  expect(await jobs.get('a', openRun({ historyLength: 12 }))).toBe(2);
  expect(await jobs.get('a', openRun({ historyLength: 12, runId: 'next' }))).toBe(3);
  expect(await jobs.get('b', run)).toBe(4);
});

test('what is stored of a job without an open run is read each time', async () => {
  const { jobs } = kept();
  for (const reads of [1, 2]) expect(await jobs.get('a', ended)).toBe(reads);
  for (const reads of [3, 4]) expect(await jobs.get('a', null)).toBe(reads);
});

test('what may be changing is read each time, and what was read then is not kept', async () => {
  const { jobs } = kept();
  for (const reads of [1, 2]) expect(await jobs.get('a', openRun({ mayBeWriting: true }))).toBe(reads);
  for (const reads of [3, 3]) expect(await jobs.get('a', openRun())).toBe(reads);
});

test('nothing is kept for longer than half a minute', async () => {
  const { jobs, at } = kept();
  expect(await jobs.get('a', openRun())).toBe(1);
  at(29_999);
  expect(await jobs.get('a', openRun())).toBe(1);
  at(30_000);
  expect(await jobs.get('a', openRun())).toBe(2);
});

test('what a job was started with is not read until a worker takes up that run', async () => {
  const { jobs, at } = kept();
  for (const [jobId, nowMs] of [
    ['a', 0],
    ['b', 0],
    ['c', 0],
  ] as const) {
    at(nowMs);
    jobs.started(jobId, 'run-1', 100);
  }
  const scheduled = openRun({ runId: 'run-1', historyLength: 2 });
  expect(await jobs.get('a', scheduled)).toBe(100);
  expect(await jobs.get('a', { ...scheduled, historyLength: 3 })).toBe(1);
  expect(await jobs.get('b', { ...scheduled, runId: 'run-2' })).toBe(2);
  at(30_000);
  expect(await jobs.get('c', scheduled)).toBe(3);
});

test('a reading that failed is not kept', async () => {
  let isAway = true;
  const jobs = new KeptBesideRuns(async () => {
    if (isAway) throw new Error('away');
    return 'here';
  });
  await expect(jobs.get('a', openRun())).rejects.toThrow('away');
  isAway = false;
  expect(await jobs.get('a', openRun())).toBe('here');
});

test('the jobs that were read the longest ago make room for others', async () => {
  const { jobs } = kept();
  for (let job = 0; job <= 2000; job += 1) await jobs.get(String(job), openRun());
  expect(await jobs.get('1', openRun())).toBe(2);
  expect(await jobs.get('0', openRun())).toBe(2002);
});
