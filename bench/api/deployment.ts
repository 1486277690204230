import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import type { DatabaseLocation } from '../../platform/config';
import { pidOf } from '../../local/process-identity';
import { ANY_PORTS } from '../../local/stack/ports';
import { programOfServer, stackS3Client, startStack, type Stack } from '../../local/stack/stack';
import { openDatabase, type Database } from '../../server/storage/database';
import { postgresPrograms, startPostgres } from '../../test/helpers/storage/postgres';
import { waitFor } from '../../test/helpers/wait-for';

export type Engine = 'sqlite' | 'postgres';

/** The engines that this machine has. */
export const engines = (): readonly Engine[] => (postgresPrograms() === null ? ['sqlite'] : ['sqlite', 'postgres']);

/** No limiter stands in the way of what is measured. */
const UNLIMITED = { SPACEPORT_STARTS_PER_MINUTE: '1000000', SPACEPORT_REQUESTS_PER_MINUTE: '1000000' };

/** A local stack whose server runs on a database of our choice, without limits, and whose worker may be away. */
export interface Deployment {
  readonly server: string;
  readonly serverPid: number;
  readonly bucket: string;
  readonly s3: S3Client;
  readonly temporal: Client;
  readonly database: Database;
  /** Starts the worker, which was stopped at first. */
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

export async function deploy(engine: Engine, signal: AbortSignal): Promise<Deployment> {
  const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-bench-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const stateFolder = path.join(folder, 'state');
    const stack = await startStack({ stateFolder, environment: process.env, ports: ANY_PORTS, signal });
    ends.push(() => stack.stop());
    await Promise.all([stack.kill('worker'), stack.kill('server')]);
    const location = await databaseFor(engine, folder, ends);
    const server = await startServer(stack, stateFolder, location);
    ends.push(() => ended(server));
    const database = await openDatabase(location, pino({ level: 'silent' }));
    ends.push(() => database.close());
    const s3 = stackS3Client(stack.endpoints, stack.credentials);
    ends.push(async () => s3.destroy());
    const connection = await Connection.connect({ address: stack.endpoints.temporal });
    ends.push(() => connection.close());
    return {
      server: stack.endpoints.server,
      serverPid: pidOf(server),
      bucket: stack.bucket,
      s3,
      temporal: new Client({ connection }),
      database,
      startWorker: () => stack.restart('worker'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function databaseFor(
  engine: Engine,
  folder: string,
  ends: (() => Promise<unknown>)[],
): Promise<DatabaseLocation> {
  if (engine === 'sqlite') return { kind: 'sqlite', file: path.join(folder, 'bench.sqlite') };
  const postgres = await startPostgres(postgresPrograms() ?? '');
  ends.push(() => postgres.stop());
  return { kind: 'postgres', url: await postgres.createDatabase() };
}

async function startServer(stack: Stack, stateFolder: string, location: DatabaseLocation): Promise<ChildProcess> {
  const { command, args, cwd, env } = await programOfServer({ stateFolder, environment: process.env }, 'server/main');
  const database =
    location.kind === 'sqlite' ? { SPACEPORT_DATABASE_FILE: location.file } : { DATABASE_URL: location.url };
  const server = spawn(command, args, { cwd, env: { ...env, ...UNLIMITED, ...database }, stdio: 'ignore' });
  await waitFor(
    'the server',
    async () => (await fetch(`${stack.endpoints.server}/readyz`).catch(() => null))?.ok === true,
  );
  return server;
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill('SIGTERM');
  await exit;
}
