import type { ListedRun } from '../../../contracts/job/run';
import { RunWatch } from '../../../server/indexer/run-watch';

const run = (jobId: string, changes: Partial<ListedRun> = {}): ListedRun => ({
  jobId,
  status: 'RUNNING',
  startedAtMs: 1000,
  state: 'running',
  stage: 'sfm',
  preset: 'preview',
  ...changes,
});

type Told = Parameters<RunWatch['looked']>[2];

/** What is due in a list, all of which is then read. */
function dueAndRead(watch: RunWatch, runs: readonly ListedRun[], nowMs: number, record: Told = null): string[] {
  const due = watch.due(runs, nowMs);
  for (const jobId of due) watch.looked(jobId, nowMs, record);
  return due;
}

test('a job is read with every list for a while after a change of any kind, and then no more', () => {
  const watch = new RunWatch({ settleMs: 3000, refreshed: 0, refreshedQueued: 0 });
  const changes: Partial<ListedRun>[] = [{}, { stage: 'training' }, { state: 'parked' }, { startedAtMs: 2000 }];
  for (const [index, change] of [...changes, { status: 'FAILED' as const }].entries()) {
    const nowMs = 100_000 * (index + 1);
    const listed = [run('a', change)];
    expect(dueAndRead(watch, listed, nowMs)).toEqual(['a']);
    expect(dueAndRead(watch, listed, nowMs + 1500)).toEqual(['a']);
    expect(dueAndRead(watch, listed, nowMs + 3000)).toEqual(['a']);
    expect(dueAndRead(watch, listed, nowMs + 4500)).toEqual([]);
  }
});

test('a job is not read again for a change that its record tells', () => {
  const watch = new RunWatch({ settleMs: 3000, refreshed: 0, refreshedQueued: 0 });
  const sfm = { state: 'running', step: 'sfm', updatedAtMs: 500 } as const;
  const training = { state: 'running', step: 'training', updatedAtMs: 900 } as const;
  expect(dueAndRead(watch, [run('a')], 1000, sfm)).toEqual(['a']);
  expect(dueAndRead(watch, [run('a')], 2000)).toEqual([]);
  const next = run('a', { stage: 'training' });
  expect(dueAndRead(watch, [next], 3000, sfm)).toEqual(['a']);
  expect(dueAndRead(watch, [next], 4000, training)).toEqual(['a']);
  expect(dueAndRead(watch, [next], 5000)).toEqual([]);
  expect(dueAndRead(watch, [{ ...next, status: 'TERMINATED' }], 6000, training)).toEqual(['a']);
  expect(dueAndRead(watch, [{ ...next, status: 'TERMINATED' }], 7000)).toEqual([]);
});

test('a record from before a change does not tell it, though it says the same', () => {
  const watch = new RunWatch({ settleMs: 3000, refreshed: 0, refreshedQueued: 0 });
  const before = { state: 'running', step: 'sfm', updatedAtMs: 500 } as const;
  const after = { ...before, updatedAtMs: 900 };
  dueAndRead(watch, [run('a')], 1000, before);
  dueAndRead(watch, [run('a', { state: 'waiting' })], 2000, before);
  expect(dueAndRead(watch, [run('a')], 3000, before)).toEqual(['a']);
  expect(dueAndRead(watch, [run('a')], 4000, after)).toEqual(['a']);
  expect(dueAndRead(watch, [run('a')], 5000)).toEqual([]);
});

test('a job that could not be read stays due', () => {
  const watch = new RunWatch({ settleMs: 3000, refreshed: 0, refreshedQueued: 0 });
  expect(watch.due([run('a')], 1000)).toEqual(['a']);
  expect(watch.due([run('a')], 60_000)).toEqual(['a']);
  watch.looked('a', 60_000, null);
  expect(watch.due([run('a')], 61_000)).toEqual([]);
});

test('open jobs have their turn although nothing is told of them, those first that were read the longest ago', () => {
  const watch = new RunWatch({ settleMs: 0, refreshed: 2, refreshedQueued: 1 });
  const listed = ['a', 'b', 'c', 'd', 'e'].map((jobId) => run(jobId, jobId === 'e' ? { status: 'COMPLETED' } : {}));
  expect(dueAndRead(watch, listed, 1000)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect([2000, 3000, 4000].map((nowMs) => dueAndRead(watch, listed, nowMs).sort().join(''))).toEqual([
    'ab',
    'cd',
    'ab',
  ]);
});

test('a list without the queued jobs forgets none of them, and tells which job is queued again', () => {
  const watch = new RunWatch({ settleMs: 1000, refreshed: 0, refreshedQueued: 1 });
  const queued = run('queued', { state: 'queued', stage: null });
  for (const nowMs of [1000, 2000]) dueAndRead(watch, [queued, run('busy')], nowMs);
  expect(dueAndRead(watch, [queued, run('busy')], 3000)).toEqual(['queued']);
  const besideQueued = (runs: readonly ListedRun[], nowMs: number): string[] => {
    const due = watch.dueBesideQueued(runs, nowMs);
    for (const jobId of due) watch.looked(jobId, nowMs, null);
    return due;
  };
  expect(besideQueued([run('busy')], 4000)).toEqual(['queued']);
  expect(besideQueued([], 5000)).toEqual(['busy', 'queued']);
  expect(besideQueued([run('queued')], 6000).sort()).toEqual(['busy', 'queued']);
});

test('a job that ended long ago is forgotten, and new when it is retried', () => {
  const watch = new RunWatch({ settleMs: 1000, refreshed: 0, refreshedQueued: 0 });
  dueAndRead(watch, [run('a')], 1000);
  dueAndRead(watch, [run('a')], 3000);
  expect(dueAndRead(watch, [], 4000)).toEqual([]);
  expect(dueAndRead(watch, [run('a')], 5000)).toEqual(['a']);
});
