/**
 * `npm run bench:storage [-- JOBS]`: lists, usage and writes of an index of 100 000 jobs, on SQLite and, where it is
 * installed, on PostgreSQL. One line of JSON for each engine, times in milliseconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import type { DatabaseLocation } from '../../platform/config';
import { openDatabase, type Database } from '../../server/storage/database';
import { createStorage, type Storage } from '../../server/storage/storage';
import { postgresPrograms, startPostgres } from '../../test/helpers/storage/postgres';
import { percentile } from '../orchestration/percentiles';
import { benchJob } from './many-jobs';

const BATCH = 200;
const PAGE = 100;
const CALLS = 200;

async function measure(location: DatabaseLocation, jobs: number): Promise<object> {
  const openedMs = performance.now();
  const database = await openDatabase(location, pino({ level: 'silent' }));
  const openMs = performance.now() - openedMs;
  const storage = createStorage(database.db);
  const filledMs = performance.now();
  const batches: number[] = [];
  for (let first = 0; first < jobs; first += BATCH)
    batches.push(
      await timed(() => storage.jobs.upsert(Array.from({ length: BATCH }, (_, index) => benchJob(first + index)))),
    );
  const upsertsPerSecond = jobs / ((performance.now() - filledMs) / 1000);
  const bytes = await sizeOf(database);
  const lists = Object.fromEntries(
    await mapInTurn(
      Object.entries(questions(storage, jobs)),
      async ([name, ask]) => [name, await p50p99(ask)] as const,
    ),
  );
  await database.close();
  const filled = { jobs, openMs, upsertsPerSecond, batchP99Ms: percentile(batches, 0.99), bytesPerJob: bytes / jobs };
  return { engine: location.kind, ...filled, ...lists };
}

/** Bytes of all tables and indexes. */
async function sizeOf({ db, engine }: Database): Promise<number> {
  const size =
    engine === 'postgres'
      ? sql<{ bytes: string }>`select pg_database_size(current_database()) as bytes`
      : sql<{ bytes: number }>`select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`;
  return Number((await size.execute(db)).rows[0]?.bytes);
}

/** What pages ask, each in the state that is hardest for an index. */
const questions = (storage: Storage, jobs: number): Record<string, (call: number) => Promise<unknown>> => {
  const list = (filter: object) => storage.jobs.list('north', { limit: PAGE, ...filter });
  const middle = benchJob(jobs / 2).record;
  const cursor = Buffer.from(`${middle.createdAtMs}.${middle.jobId}`).toString('base64url');
  const period = { fromMs: middle.createdAtMs, toMs: middle.createdAtMs + 30 * 24 * 3600 * 1000 };
  return {
    firstPage: () => list({}),
    middlePage: () => list({ cursor }),
    rareState: () => list({ states: ['parked'] }),
    twoStates: () => list({ states: ['failed', 'succeeded'] }),
    commonWord: () => list({ text: 'quarry' }),
    rareWord: (call) => list({ text: `dam ${call * 8 + 7}` }),
    wordOfNone: () => list({ text: 'nowhere' }),
    usageOfMonth: () => storage.usage.lines('north', period),
    estimate: () =>
      storage.usage.comparable({ preset: 'survey', stage: 'sfm', instanceType: 'ml.c6i.2xlarge' }, null, 200),
  };
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function p50p99(ask: (call: number) => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const times = await mapInTurn(
    Array.from({ length: CALLS }, (_, call) => call),
    (call) => timed(() => ask(call)),
  );
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

async function mapInTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 10) / 10 : value;

async function main([jobs = '100000']: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-bench-'));
  const programs = postgresPrograms();
  const postgres = programs === null ? null : await startPostgres(programs);
  const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line, rounded)}\n`);
  try {
    say(await measure({ kind: 'sqlite', file: path.join(folder, 'bench.sqlite') }, Number(jobs)));
    if (postgres === null) process.stderr.write('PostgreSQL is not measured: this machine has none\n');
    else say(await measure({ kind: 'postgres', url: await postgres.createDatabase() }, Number(jobs)));
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));
