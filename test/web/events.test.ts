import { QueryClient } from '@tanstack/react-query';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { HIDDEN_MS, listenToJobs, WRITE_MS, type LiveEvents } from '../../web/api/events';
import { keys } from '../../web/api/keys';

/** What a browser gives to a page that listens. */
class Source {
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  close(): void {
    this.readyState = 2;
  }
  tell(snapshot: Partial<JobSnapshot>): void {
    this.onmessage?.({ data: JSON.stringify(snapshot) });
  }
}

class Page {
  hidden = false;
  private readonly listeners = new Set<() => void>();
  addEventListener = (_type: string, listener: () => void): void => void this.listeners.add(listener);
  removeEventListener = (_type: string, listener: () => void): void => void this.listeners.delete(listener);
  become(hidden: boolean): void {
    this.hidden = hidden;
    this.listeners.forEach((listener) => listener());
  }
}

let cache: QueryClient;
let page: Page;
let sources: Source[];
let refusals: number;
let live: LiveEvents;

const newest = (): Source => sources.at(-1)!;
const open = (): void => {
  newest().readyState = 1;
  newest().onopen?.();
};

beforeEach(() => {
  jest.useFakeTimers();
  [cache, page, sources, refusals] = [new QueryClient(), new Page(), [], 0];
  live = listenToJobs({
    cache,
    page: page as unknown as Document,
    openSource: () => {
      sources.push(new Source());
      return newest() as unknown as EventSource;
    },
    refused: () => (refusals += 1),
  });
  open();
});
afterEach(() => {
  live.close();
  cache.clear();
  jest.useRealTimers();
});

test('a tab that is hidden for long gives its stream back, and begins anew with what has changed when it is looked at', () => {
  cache.setQueryData(keys.snapshot('gone'), { jobId: 'gone' });
  page.become(true);
  jest.advanceTimersByTime(HIDDEN_MS - 1);
  expect([newest().readyState, live.connection()]).toEqual([1, 'open']);
  jest.advanceTimersByTime(1);
  expect([newest().readyState, live.connection()]).toEqual([2, 'closed']);
  const asked = jest.spyOn(cache, 'invalidateQueries');
  page.become(false);
  expect([sources.length, live.connection()]).toEqual([2, 'connecting']);
  expect(cache.getQueryData(keys.snapshot('gone'))).toBeUndefined();
  expect(asked).toHaveBeenCalledWith();
  open();
  expect(live.connection()).toBe('open');
});

test('a tab that is hidden for a moment keeps its stream', () => {
  page.become(true);
  jest.advanceTimersByTime(HIDDEN_MS - 1);
  page.become(false);
  jest.advanceTimersByTime(HIDDEN_MS);
  expect([sources.length, newest().readyState]).toEqual([1, 1]);
});

test('a refused stream is tried again ever later; one that is cut comes again by itself', () => {
  newest().readyState = 0;
  newest().onerror?.();
  jest.advanceTimersByTime(60_000);
  expect([sources.length, refusals]).toEqual([1, 0]);
  for (const [waitMs, made] of [
    [2000, 2],
    [4000, 3],
    [8000, 4],
  ] as const) {
    newest().close();
    newest().onerror?.();
    jest.advanceTimersByTime(waitMs - 1);
    expect(sources).toHaveLength(made - 1);
    jest.advanceTimersByTime(1);
    expect(sources).toHaveLength(made);
  }
  expect(refusals).toBe(3);
});

test('news of many jobs are shown together: the lists change once, and only where their lines say something new', () => {
  const entry = (jobId: string, costUsd: number): object => ({
    jobId,
    name: jobId,
    state: 'running',
    stage: 'sfm',
    costUsd,
    waitsFor: null,
  });
  const key = [...keys.jobs, { group: null }];
  const listed = (): { pages: { jobs: { jobId: string; costUsd: number }[] }[] } => cache.getQueryData(key)!;
  cache.setQueryData(key, { pages: [{ jobs: [entry('a', 1), entry('b', 1)] }], pageParams: [] });
  const before = listed();
  let changes = 0;
  cache.getQueryCache().subscribe(({ type, query }) => {
    if (type === 'updated' && query.queryKey[0] === key[0] && listed() !== before) changes += 1;
  });
  const told = (jobId: string, costUsd: number): Partial<JobSnapshot> => ({
    jobId,
    name: jobId,
    state: 'running',
    step: 'sfm',
    costUsd,
  });
  for (let cents = 1; cents <= 30; cents += 1) newest().tell(told('a', 1 + cents / 100));
  newest().tell(told('b', 1));
  expect(listed()).toBe(before);
  jest.advanceTimersByTime(WRITE_MS);
  const [{ jobs }] = listed().pages as [{ jobs: { jobId: string; costUsd: number }[] }];
  expect(jobs.map(({ costUsd }) => costUsd)).toEqual([1.3, 1]);
  expect(changes).toBe(1);
  expect(jobs[1]).toBe(before.pages[0]?.jobs[1]);
  expect(cache.getQueryData(keys.snapshot('b'))).toMatchObject({ costUsd: 1 });
});
