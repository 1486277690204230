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

/** What is due in a list, all of which is then read. */
function dueAndRead(watch: RunWatch, runs: readonly ListedRun[], nowMs: number): string[] {
  const due = watch.due(runs, nowMs);
  for (const jobId of due) watch.looked(jobId, nowMs);
  return due;
}

test('a job is read with every list for a while after a change of any kind, and then no more', () => {
  const watch = new RunWatch({ settleMs: 3000, refreshed: 0 });
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

test('a job that could not be read stays due', () => {
  const watch = new RunWatch({ settleMs: 3000, refreshed: 0 });
  expect(watch.due([run('a')], 1000)).toEqual(['a']);
  expect(watch.due([run('a')], 60_000)).toEqual(['a']);
  watch.looked('a', 60_000);
  expect(watch.due([run('a')], 61_000)).toEqual([]);
});

test('open jobs have their turn although nothing is told of them, those first that were read the longest ago', () => {
  const watch = new RunWatch({ settleMs: 0, refreshed: 2 });
  const listed = ['a', 'b', 'c', 'd', 'e'].map((jobId) => run(jobId, jobId === 'e' ? { status: 'COMPLETED' } : {}));
  expect(dueAndRead(watch, listed, 1000)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect([2000, 3000, 4000].map((nowMs) => dueAndRead(watch, listed, nowMs).sort().join(''))).toEqual([
    'ab',
    'cd',
    'ab',
  ]);
});

test('a job that ended long ago is forgotten, and new when it is retried', () => {
  const watch = new RunWatch({ settleMs: 1000, refreshed: 0 });
  dueAndRead(watch, [run('a')], 1000);
  dueAndRead(watch, [run('a')], 3000);
  expect(dueAndRead(watch, [], 4000)).toEqual([]);
  expect(dueAndRead(watch, [run('a')], 5000)).toEqual(['a']);
});
