/**
 * The server with one job in memory whose training moves twice a second. Started by main.ts, which it tells its
 * address, and on each message what it has asked Temporal for so far, and its memory.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from '../../server/http/http-server';
import { jobRecord, NOW_MS, openRun, testApp } from '../../test/server/helpers';

/** What the server tells of itself; MB are 2^20 bytes. */
export interface ServerFigures {
  /** Questions to Temporal: descriptions of jobs, and lists. */
  readonly polls: number;
  readonly rssMb: number;
}

export const JOB_ID = 'job123456';
const MOVES_EVERY_MS = 500;

async function main(): Promise<void> {
  let polls = 0;
  let done = 0;
  const { app, runs, job } = testApp();
  const { describe, recent } = runs;
  runs.describe = (jobId) => ((polls += 1), describe.call(runs, jobId));
  runs.recent = (filter) => ((polls += 1), recent.call(runs, filter));
  const move = (): void => {
    done += 1;
    const progress = { phase: 'train', done, total: 100_000, metrics: { psnr: 18.5, atMs: Date.now() } };
    const jobName = `bench-${JOB_ID}-training-a01`;
    const watched = { jobName, status: 'Training', startedAtMs: NOW_MS, logStream: null, logToken: null };
    job(jobRecord({ state: 'running', step: 'training' }), openRun({ heartbeats: [{ ...watched, progress }] }));
  };
  move();
  setInterval(move, MOVES_EVERY_MS);
  const server = createHttpServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', () => {
    globalThis.gc?.();
    process.send?.({ polls, rssMb: process.memoryUsage().rss / 2 ** 20 } satisfies ServerFigures);
  });
  process.send?.((server.address() as AddressInfo).port);
}

if (require.main === module) void main();
