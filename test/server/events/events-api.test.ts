import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobRecord } from '../../../contracts/job/record';
import type { WatchHeartbeat } from '../../../contracts/stages/progress';
import { jobRecord, NOW_MS, openRun, request as jobRequest } from '../helpers';
import { waitFor } from '../../helpers/wait-for';
import { Listener, listeningServer, type ListeningServer } from './listening';

let server: ListeningServer;
afterEach(() => server.stop());

const JOB = 'job123456';
const heartbeat = (done: number): WatchHeartbeat => ({
  jobName: `test-${JOB}-training-a01`,
  status: 'Training',
  progress: { phase: 'train', done, total: 100, metrics: { psnr: 18.5 } },
  startedAtMs: NOW_MS - 30_000,
  logStream: null,
  logToken: null,
});
const running = (changes: Partial<JobRecord> = {}): JobRecord =>
  jobRecord({ state: 'running', step: 'training', ...changes });

/** Puts a job there whose training has come so far. */
function training(done: number, jobId = JOB, changes: Partial<JobRecord> = {}): void {
  server.job(running({ jobId, ...changes }), openRun({ heartbeats: [heartbeat(done)] }));
}
function succeed(jobId = JOB): void {
  const endedAtMs = NOW_MS;
  server.job(
    jobRecord({ jobId, state: 'succeeded', endedAtMs, updatedAtMs: NOW_MS }),
    openRun({ status: 'COMPLETED', closedAtMs: endedAtMs, state: 'succeeded' }),
  );
}
const listen = (path = `/v1/jobs/${JOB}/events`, headers: Record<string, string> = {}): Promise<Listener> =>
  Listener.open(server.url + path, headers);

describe("one job's stream", () => {
  test('tells state, step, phase, fraction, metrics and cost at once, then what changes, and ends with the job', async () => {
    server = await listeningServer();
    training(10);
    const listener = await listen();
    expect(listener.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    expect(listener.response.headers['cache-control']).toContain('no-store');
    expect(listener.response.headers).not.toHaveProperty('content-encoding');
    const first = await listener.heard('the first snapshot', () => true);
    expect(first.data).toMatchObject({
      jobId: JOB,
      state: 'running',
      step: 'training',
      stageProgress: { stage: 'training', phase: 'train', fraction: 0.1, metrics: { psnr: 18.5 } },
      costUsd: 0,
      timeLeft: null,
    });
    expect(listener.text).toMatch(/^retry: \d+\n\n/);
    training(60);
    await listener.heard('progress', ({ stageProgress }) => stageProgress?.fraction === 0.6);
    succeed();
    await listener.heard('the end', ({ state }) => state === 'succeeded');
    await waitFor('the stream to end', () => listener.hasEnded);
    expect(new Set(listener.events.map(({ id }) => id)).size).toBe(listener.events.length);
  });

  test('says nothing while nothing changes, but a comment now and then', async () => {
    server = await listeningServer({ commentMs: 20 });
    training(10);
    const listener = await listen();
    await waitFor('five comments', () => listener.text.split('\n: ').length > 5);
    expect(listener.events).toHaveLength(1);
  });

  test('a cost that ticks by parts of a cent is no news', async () => {
    let nowMs = NOW_MS;
    server = await listeningServer({ commentMs: 20 }, { now: () => (nowMs += 10) });
    const attempts = [
      {
        stage: 'training',
        part: null,
        attempt: 1,
        jobName: `test-${JOB}-training-a01`,
        instanceType: 'ml.g4dn.xlarge',
        status: 'Running',
        failure: null,
        startedAtMs: NOW_MS,
        endedAtMs: null,
        billedSeconds: 0,
        costUsd: 0,
        capacity: 'on-demand',
        savedUsd: 0,
        options: {},
        memoryStep: 0,
        maxRuntimeSeconds: 7200,
        resumedFrom: null,
      },
    ] as const;
    training(10, JOB, { attempts });
    const listener = await listen();
    await waitFor('five comments', () => listener.text.split('\n: ').length > 5);
    expect(listener.events).toHaveLength(1);
    nowMs += 3_600_000;
    await listener.heard('the cost of an hour', ({ costUsd }) => costUsd > 0.5);
  });

  test('who comes again is told only what has changed', async () => {
    server = await listeningServer({ commentMs: 20 });
    training(10);
    const first = await listen();
    const { id } = await first.heard('the first snapshot', () => true);
    first.leave();
    const again = await listen(undefined, { 'last-event-id': id });
    await waitFor('comments', () => again.text.split('\n: ').length > 3);
    expect(again.events).toEqual([]);
    again.leave();
    training(20);
    const later = await listen(undefined, { 'last-event-id': id });
    await later.heard('the newest snapshot', ({ stageProgress }) => stageProgress?.fraction === 0.2);
    expect(later.events).toHaveLength(1);
  });

  test('who comes again with the last snapshot of a job that has ended is told not to come again', async () => {
    server = await listeningServer();
    succeed();
    const first = await listen();
    await waitFor('the stream to end', () => first.hasEnded);
    expect(first.events.map(({ data }) => data.state)).toEqual(['succeeded']);
    const again = await listen(undefined, { 'last-event-id': first.last!.id });
    expect(again.response.statusCode).toBe(204);
    const unknown = await listen(undefined, { 'last-event-id': 'something else' });
    expect(unknown.response.statusCode).toBe(200);
    await unknown.heard('the last snapshot', ({ state }) => state === 'succeeded');
  });

  test('a job that is erased meanwhile ends its stream', async () => {
    server = await listeningServer();
    training(10);
    const listener = await listen();
    await listener.heard('the first snapshot', () => true);
    server.job(jobRecord({ erasedAtMs: NOW_MS }), openRun({ status: 'COMPLETED' }));
    await waitFor('the stream to end', () => listener.hasEnded);
    expect((await listen()).response.statusCode).toBe(410);
  });

  test('nobody else hears of it: a job of another tenant does not exist', async () => {
    server = await listeningServer();
    training(10, JOB, { request: { ...jobRequest, tenant: 'others' } });
    expect((await listen()).response.statusCode).toBe(404);
    expect((await listen('/v1/jobs/unknown1234/events')).response.statusCode).toBe(404);
    expect((await listen(`/v1/events?job=${JOB}`)).response.statusCode).toBe(404);
  });

  test('HEAD answers with the headers, and nobody stays', async () => {
    server = await listeningServer({ perTenant: 1 });
    training(10);
    for (let i = 0; i < 3; i += 1) {
      const response = await fetch(`${server.url}/v1/jobs/${JOB}/events`, { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/event-stream');
    }
    expect((await fetch(`${server.url}/v1/jobs/${JOB}/events`, { method: 'POST' })).status).toBe(405);
  });

  test('while Temporal is away the record is told, and what was told stays', async () => {
    server = await listeningServer({ commentMs: 20 });
    training(10);
    server.runs.away = true;
    const listener = await listen();
    await listener.heard('the record', ({ state, stageProgress }) => state === 'running' && stageProgress === null);
    server.runs.away = false;
    await listener.heard('progress', ({ stageProgress }) => stageProgress?.fraction === 0.1);
    server.runs.away = true;
    const comments = listener.text.split('\n: ').length;
    await waitFor('more comments', () => listener.text.split('\n: ').length > comments + 3);
    expect(listener.last?.data.stageProgress?.fraction).toBe(0.1);
  });
});

describe("a tenant's stream", () => {
  test('tells of every open job, of new ones, and of their ends, and stays open', async () => {
    server = await listeningServer();
    training(10, 'firstjob1');
    const listener = await listen('/v1/events');
    await listener.heard('the first job', ({ jobId }) => jobId === 'firstjob1');
    training(20, 'secondjob');
    await listener.heard('the second job', ({ jobId }) => jobId === 'secondjob');
    succeed('firstjob1');
    await listener.heard('the end of the first', ({ jobId, state }) => jobId === 'firstjob1' && state === 'succeeded');
    training(30, 'secondjob');
    await listener.heard('the second job again', ({ jobId }) => jobId === 'secondjob');
    expect(listener.hasEnded).toBe(false);
  });

  test('an id says what is known of every job', async () => {
    server = await listeningServer({ commentMs: 20 });
    training(10, 'firstjob1');
    training(10, 'secondjob');
    const first = await listen('/v1/events');
    await waitFor('both', () => first.events.length === 2);
    const again = await listen('/v1/events', { 'last-event-id': first.last!.id });
    await waitFor('comments', () => again.text.split('\n: ').length > 3);
    expect(again.events).toEqual([]);
    training(20, 'firstjob1');
    await again.heard('the first job', ({ stageProgress }) => stageProgress?.fraction === 0.2);
    expect(again.events).toHaveLength(1);
  });

  test('may be narrowed to some jobs, of which ended ones are told when they are retried', async () => {
    server = await listeningServer();
    training(10, 'firstjob1');
    succeed('secondjob');
    training(10, 'thirdjob1');
    const listener = await listen('/v1/events?job=firstjob1&job=secondjob');
    await waitFor('both', () => listener.events.length === 2);
    expect(new Set(listener.events.map(({ data }) => data.jobId))).toEqual(new Set(['firstjob1', 'secondjob']));
    training(50, 'secondjob');
    await listener.heard('the retried job', ({ jobId, state }) => jobId === 'secondjob' && state === 'running');
    const tooMany = Array.from({ length: 51 }, (_, i) => `job=job${i}`).join('&');
    expect((await listen(`/v1/events?${tooMany}`)).response.statusCode).toBe(400);
  });
});

describe('what listening costs', () => {
  test('200 listeners ask Temporal for a job as often as one does, and nobody asks when they have left', async () => {
    server = await listeningServer({ lookEveryMs: 100 });
    training(10);
    const describe = jest.spyOn(server.runs, 'describe');
    const list = jest.spyOn(server.runs, 'recent');
    const startedMs = performance.now();
    const listeners = await Promise.all(Array.from({ length: 200 }, () => listen()));
    for (const listener of listeners) await listener.heard('the first snapshot', () => true);
    training(20);
    for (const listener of listeners) await listener.heard('progress', (job) => job.stageProgress?.fraction === 0.2);
    const asked = describe.mock.calls.length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(1 + (performance.now() - startedMs) / 100);
    expect(list).not.toHaveBeenCalled();
    listeners.forEach((listener) => listener.leave());
    let before = -1;
    await waitFor('nobody to ask any more', async () => {
      const calls = describe.mock.calls.length;
      await delay(250);
      const isQuiet = before === calls && describe.mock.calls.length === calls;
      before = describe.mock.calls.length;
      return isQuiet;
    });
  });

  test('the record is read again only when something has happened to its run', async () => {
    server = await listeningServer({ commentMs: 20 });
    training(10);
    const read = jest.spyOn(server.store, 'read');
    const describe = jest.spyOn(server.runs, 'describe');
    const listener = await listen();
    await listener.heard('the first snapshot', () => true);
    const reads = read.mock.calls.length;
    const asked = describe.mock.calls.length;
    await waitFor('more looks', () => describe.mock.calls.length > asked + 5);
    expect(read.mock.calls.length).toBe(reads);
    server.job(running({ step: 'compression' }), openRun({ historyLength: 11 }));
    await listener.heard('the next step', ({ step }) => step === 'compression');
  });

  test('listeners beyond the limit are refused, and have a place when others leave', async () => {
    server = await listeningServer({ perTenant: 2 });
    training(10);
    const [first] = [await listen(), await listen()];
    const refused = await fetch(`${server.url}/v1/jobs/${JOB}/events`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' });
    first.leave();
    await waitFor('a place', async () => (await listen()).response.statusCode === 200);
  });

  describe('of a listener that does not read', () => {
    const notice = 'x'.repeat(50_000);
    let changes: number;

    /** A connection that reads nothing, and the server's side of it. */
    async function silentListener(): Promise<{ socket: Socket; serverSide: Socket }> {
      changes = 0;
      change();
      const accepted = once(server.server, 'connection') as Promise<[Socket]>;
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`GET /v1/jobs/${JOB}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      const [serverSide] = await accepted;
      return { socket, serverSide };
    }
    function change(): void {
      changes += 1;
      server.job(running({ notice: `${notice}${changes}.` }), openRun({ historyLength: 10 + changes }));
    }

    test('no more than one snapshot waits, and it is cut in the end', async () => {
      server = await listeningServer({ lookEveryMs: 5, commentMs: 50, stallMs: 500 });
      const { socket, serverSide } = await silentListener();
      let most = 0;
      while (!serverSide.destroyed) {
        change();
        await delay(5);
        most = Math.max(most, serverSide.writableLength);
      }
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThan(3 * notice.length);
      socket.destroy();
    });

    test('what it has missed is left out when it reads again: it gets the newest', async () => {
      server = await listeningServer({ lookEveryMs: 5 });
      const { socket, serverSide } = await silentListener();
      await waitFor('the connection to be full', async () => {
        change();
        await delay(5);
        return serverSide.writableLength > 0;
      });
      for (let i = 0; i < 100; i += 1) {
        change();
        await delay(5);
      }
      let text = '';
      socket.setEncoding('utf8').on('data', (more: string) => (text += more));
      await waitFor('the newest', () => text.includes(`x${changes}.`));
      expect(text.match(/x\d+\./g)!.length).toBeLessThan(changes - 50);
      socket.destroy();
    });
  });

  test('a server that stops ends its streams, so that listeners come again', async () => {
    server = await listeningServer();
    training(10);
    const [one, all] = [await listen(), await listen('/v1/events')];
    await one.heard('the first snapshot', () => true);
    server.closing.abort();
    await waitFor('the ends', () => one.hasEnded && all.hasEnded);
    expect((await listen()).response.statusCode).toBe(503);
  });

  test('a stream ends after its time, and comes again where it was', async () => {
    server = await listeningServer({ lifeMs: 100 });
    training(10);
    const listener = await listen();
    await waitFor('the end', () => listener.hasEnded);
    expect(listener.events).toHaveLength(1);
  });
});
