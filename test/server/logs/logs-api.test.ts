import type { JobRecord } from '../../../contracts/job/record';
import { storedLine } from '../../../platform/machine-logs/stored-log';
import type { LogView } from '../../../contracts/messages/log-view-schema';
import { waitFor } from '../../helpers/wait-for';
import { testAttempt } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, request as jobRequest } from '../helpers';
import { Listener, listeningServer, type ListeningServer } from '../events/listening';

let server: ListeningServer;
beforeEach(async () => (server = await listeningServer()));
afterEach(() => server.stop());

const JOB = 'job123456';
const SFM = testAttempt({ stage: 'sfm', jobName: `test-${JOB}-sfm-a01` });
const TRAINING = testAttempt({ jobName: `test-${JOB}-training-a01`, status: 'Running', endedAtMs: null });

/** A job whose training runs, or has ended. */
function training(changes: Partial<JobRecord['attempts'][number]> = {}, job: Partial<JobRecord> = {}): void {
  const attempts = [SFM, { ...TRAINING, ...changes }];
  server.job(jobRecord({ state: 'running', step: 'training', attempts, ...job }), openRun());
}
const COMPLETED = { status: 'Completed', endedAtMs: NOW_MS - 3_600_000 } as const;
/** So many lines, three of each millisecond. */
const lines = (count: number, from = 0): { atMs: number; text: string }[] =>
  Array.from({ length: count }, (_, i) => ({ atMs: NOW_MS + Math.floor((from + i) / 3), text: `line ${from + i}` }));
const say = (jobName: string, ...more: { atMs: number; text: string }[]): void =>
  void server.logs.live.set(jobName, [...(server.logs.live.get(jobName) ?? []), ...more]);
const get = (query = ''): Promise<Response> => fetch(`${server.url}/v1/jobs/${JOB}/logs${query}`);
const page = async (query = ''): Promise<LogView> => (await (await get(query)).json()) as LogView;
const texts = (view: { lines: readonly { text: string }[] }): string[] => view.lines.map(({ text }) => text);
const expected = (count: number): string[] => lines(count).map(({ text }) => text);

describe('pages', () => {
  test('the newest attempt is read on from page to page while its program runs', async () => {
    training();
    expect(await page()).toEqual({ jobId: JOB, stage: 'training', part: null, attempt: 1, lines: [], next: '0-0' });
    say(TRAINING.jobName, ...lines(10));
    server.logs.pageLines = 4;
    const first = await page('?limit=7');
    expect(texts(first)).toEqual(expected(7));
    expect(first.lines[0]).toEqual({ at: new Date(NOW_MS).toISOString(), text: 'line 0' });
    const second = await page(`?after=${first.next}`);
    expect(texts(second)).toEqual(expected(10).slice(7));
    expect(await page(`?after=${second.next}`)).toMatchObject({ lines: [], next: second.next });
    say(TRAINING.jobName, ...lines(2, 10));
    expect(texts(await page(`?after=${second.next}`))).toEqual(['line 10', 'line 11']);
  });

  test('after its end the stored log continues where CloudWatch was left, and says when all is read', async () => {
    training();
    say(TRAINING.jobName, ...lines(5));
    const { next } = await page();
    training(COMPLETED);
    server.logs.live.clear();
    server.logs.texts.set(TRAINING.jobName, lines(9).map(storedLine).join(''));
    const rest = await page(`?after=${next}&limit=3`);
    expect(texts(rest)).toEqual(['line 5', 'line 6', 'line 7']);
    expect(await page(`?after=${rest.next}`)).toMatchObject({ lines: [{ text: 'line 8' }], next: null });
  });

  test('a log that was not stored is read from CloudWatch; lines may come for a while after the end', async () => {
    training({ ...COMPLETED, endedAtMs: NOW_MS - 1000 });
    say(TRAINING.jobName, ...lines(5));
    expect((await page()).next).not.toBeNull();
    training(COMPLETED);
    expect(await page()).toMatchObject({ lines: { length: 5 }, next: null });
  });

  test('any attempt can be named, and one that never was is not found', async () => {
    training();
    server.logs.texts.set(SFM.jobName, lines(2).map(storedLine).join(''));
    expect(await page('?stage=sfm&attempt=1')).toMatchObject({ stage: 'sfm', lines: { length: 2 }, next: null });
    for (const query of ['?stage=compression', '?attempt=2', '?part=3']) {
      const answer = await get(query);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'LOG_NOT_FOUND' });
    }
  });

  test('a log whose time is over is said to be deleted', async () => {
    training(COMPLETED, { expiredAtMs: { intermediates: NOW_MS, results: null } });
    expect(await (await get()).json()).toMatchObject({
      code: 'LOG_NOT_FOUND',
      detail: expect.stringContaining('were deleted at') as string,
    });
  });

  test.each(['?after=x', '?limit=0', '?limit=5001', '?stage=upload', '?attempt=-1', '?tail=5'])(
    'a query that cannot be followed names its field: %s',
    async (query) => {
      training();
      const answer = await get(query);
      expect(answer.status).toBe(400);
      const field = /\?(\w+)=/.exec(query)?.[1];
      expect(await answer.json()).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
    },
  );

  test('the log of another tenant does not exist, in no form', async () => {
    training({}, { request: { ...jobRequest, tenant: 'others' } });
    say(TRAINING.jobName, ...lines(5));
    for (const form of ['', '/stream', '/download'])
      expect((await fetch(`${server.url}/v1/jobs/${JOB}/logs${form}`)).status).toBe(404);
  });

  test('a log service that is away is said, and no error of the server', async () => {
    training();
    server.logs.find = () => Promise.reject(new Error('connection refused'));
    expect((await get()).status).toBe(503);
  });
});

describe('the whole log', () => {
  const download = (query = ''): Promise<Response> => get(`/download${query}`);

  test('is text with a time before each line, so far or as it was stored', async () => {
    training();
    server.logs.pageLines = 2;
    say(TRAINING.jobName, ...lines(5));
    const running = await download();
    expect(running.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(running.headers.get('content-disposition')).toBe('attachment; filename=flight-training-a01.log.txt');
    expect(await running.text()).toBe(lines(5).map(storedLine).join(''));
    server.logs.texts.set(SFM.jobName, 'stored text\n');
    expect(await (await download('?stage=sfm')).text()).toBe('stored text\n');
  });

  test('HEAD has its name and reads nothing', async () => {
    training();
    say(TRAINING.jobName, ...lines(5));
    const read = jest.spyOn(server.logs, 'page');
    const head = await fetch(`${server.url}/v1/jobs/${JOB}/logs/download`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-disposition')).toContain('training-a01');
    expect(read).not.toHaveBeenCalled();
  });

  test('one that cannot be read to its end is cut, so that nobody takes it for a whole one', async () => {
    training();
    server.logs.pageLines = 2;
    say(TRAINING.jobName, ...lines(5));
    const { page: real } = server.logs;
    jest
      .spyOn(server.logs, 'page')
      .mockImplementation((stream, start) =>
        'token' in start && start.token === '4'
          ? Promise.reject(new Error('away'))
          : real.call(server.logs, stream, start),
      );
    await expect((await download()).text()).rejects.toThrow();
  });
});

describe('the stream', () => {
  type Batch = Pick<LogView, 'lines'> & { readonly isGap?: true };
  const listen = (query = '', headers: Record<string, string> = {}): Promise<Listener<Batch>> =>
    Listener.open<Batch>(`${server.url}/v1/jobs/${JOB}/logs/stream${query}`, headers);
  const heard = (listener: Listener<Batch>): string[] => listener.events.flatMap(({ data }) => texts(data));

  test('begins with the newest lines, goes on, and ends when the program has', async () => {
    training();
    const listener = await listen();
    say(TRAINING.jobName, ...lines(3));
    await waitFor('the first lines', () => heard(listener).length === 3);
    say(TRAINING.jobName, ...lines(4, 3));
    await waitFor('more', () => heard(listener).length === 7);
    training(COMPLETED);
    say(TRAINING.jobName, ...lines(1, 7));
    await waitFor('the end', () => listener.hasEnded);
    expect(heard(listener)).toEqual(expected(8));
    expect(listener.text).toContain('event: end\n');
    const again = await listen('', { 'last-event-id': listener.last!.id });
    expect(again.response.statusCode).toBe(204);
  });

  test('who comes again hears what it has missed, and that is the place where pages continue, too', async () => {
    training();
    say(TRAINING.jobName, ...lines(5));
    const first = await listen();
    await waitFor('the first lines', () => heard(first).length === 5);
    first.leave();
    const { id } = first.last!;
    say(TRAINING.jobName, ...lines(4, 5));
    const again = await listen('', { 'last-event-id': id });
    await waitFor('what it has missed', () => heard(again).length === 4);
    expect(heard(again)).toEqual(expected(9).slice(5));
    expect(texts(await page(`?after=${id}`))).toEqual(expected(9).slice(5));
    const other = await listen(`?after=${id}`);
    await waitFor('the same', () => heard(other).length === 4);
  });

  test('of a long log the newest thousand come; who was further back is told of the gap', async () => {
    training();
    say(TRAINING.jobName, ...lines(3000));
    const listener = await listen();
    await waitFor('the newest', () => heard(listener).at(-1) === 'line 2999');
    expect(heard(listener).length).toBeGreaterThan(990);
    expect(heard(listener)).toEqual(expected(3000).slice(-heard(listener).length));
    const { next } = await page('?limit=100');
    const behind = await listen(`?after=${next}`);
    await waitFor('the newest', () => heard(behind).at(-1) === 'line 2999');
    expect(behind.events.map(({ data }) => data.isGap)).toEqual([true, ...behind.events.slice(1).map(() => undefined)]);
    expect(texts(await page(`?after=${listener.events[0]!.id}&limit=5000`))).toEqual(heard(listener).slice(200));
  });

  test('200 listeners are read for once', async () => {
    training();
    say(TRAINING.jobName, ...lines(20));
    const read = jest.spyOn(server.logs, 'page');
    const listeners = await Promise.all(Array.from({ length: 200 }, () => listen()));
    for (const listener of listeners) await waitFor('its lines', () => heard(listener).length === 20);
    say(TRAINING.jobName, ...lines(1, 20));
    for (const listener of listeners) await waitFor('one more', () => heard(listener).length === 21);
    const starts = read.mock.calls.map(([, start]) => start);
    expect(starts.filter((start) => 'newest' in start)).toHaveLength(1);
    // Every further reading has found something, or came later than the one before: nobody reads for itself.
    expect(starts.length).toBeLessThan(200);
    listeners.forEach((listener) => listener.leave());
  });

  test('a stored log comes with its last lines, and ends', async () => {
    training(COMPLETED);
    server.logs.texts.set(TRAINING.jobName, lines(30).map(storedLine).join(''));
    const listener = await listen();
    await waitFor('the end', () => listener.hasEnded);
    expect(heard(listener)).toEqual(expected(30));
  });

  test('a service that is away for a while costs nothing but time', async () => {
    training();
    const { find } = server.logs;
    server.logs.find = () => Promise.reject(new Error('connection refused'));
    say(TRAINING.jobName, ...lines(2));
    const listener = await listen();
    server.logs.find = (attempt) => find.call(server.logs, attempt);
    await waitFor('the lines', () => heard(listener).length === 2);
  });

  test('a job that is erased meanwhile ends its stream', async () => {
    training();
    say(TRAINING.jobName, ...lines(2));
    const listener = await listen();
    await waitFor('the lines', () => heard(listener).length === 2);
    server.job(jobRecord({ erasedAtMs: NOW_MS }), openRun({ status: 'COMPLETED' }));
    await waitFor('the end', () => listener.hasEnded);
  });
});
