import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { waitFor } from '../wait-for';

/** A PostgreSQL server of a test suite's own. */
export interface RunningPostgres {
  /** Folder of its programs, such as pg_dump. */
  readonly programs: string;
  /** Address of a new, empty database. */
  createDatabase(): Promise<string>;
  /** Ends connections to a database and refuses new ones, as an outage does; `false` takes that back. */
  shut(url: string, isShut: boolean): Promise<void>;
  stop(): Promise<void>;
}

const USER = 'spaceport';
const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** The folder of PostgreSQL's server programs: what PATH has, else the newest of Debian's; null without any. */
export function postgresPrograms(): string | null {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...versions.map((version) => path.join(DEBIAN_FOLDER, version, 'bin')),
  ];
  const isComplete = (folder: string): boolean =>
    ['initdb', 'postgres', 'pg_dump'].every((program) => existsSync(path.join(folder, program)));
  return folders.find(isComplete) ?? null;
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package has made, or as nobody. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const user of ['postgres', 'nobody'])
    try {
      const id = (kind: string): number => Number(execFileSync('id', [kind, user], { stdio: 'pipe' }).toString());
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user.
    }
  throw new Error('tests that run as root need a user "nobody" to run PostgreSQL');
}

/** Starts a server on a socket in a folder of its own: no port, no password, and nothing of it is left afterwards. */
export async function startPostgres(programs: string): Promise<RunningPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-pg-'));
  const user = unprivileged();
  const socketFolder = path.join(folder, 's');
  mkdirSync(socketFolder);
  if (user !== null) for (const place of [folder, socketFolder]) chownSync(place, user.uid, user.gid);
  const run = { ...user, cwd: folder, env: { PATH: process.env.PATH, TMPDIR: tmpdir(), LC_ALL: 'C' } };
  const data = path.join(folder, 'data');
  const init = ['--pgdata', data, '--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'];
  execFileSync(path.join(programs, 'initdb'), init, { ...run, stdio: 'pipe' });
  const options = { listen_addresses: '', unix_socket_directories: socketFolder, fsync: 'off', max_connections: '60' };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(path.join(programs, 'postgres'), ['-D', data, ...settings], { ...run, stdio: 'ignore' });
  const ended = once(server, 'exit');

  const urlOf = (database: string): string =>
    `postgres:///${database}?host=${encodeURIComponent(socketFolder)}&user=${USER}`;
  const administer = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: urlOf('postgres') });
    try {
      await client.connect();
      await client.query(statement);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  await waitFor('PostgreSQL to answer', async () => {
    await administer('select 1');
    return true;
  });

  let databases = 0;
  return {
    programs,
    async createDatabase() {
      databases += 1;
      await administer(`create database test${databases}`);
      return urlOf(`test${databases}`);
    },
    async shut(url, isShut) {
      const name = new URL(url).pathname.slice(1);
      await administer(`alter database ${name} with allow_connections ${!isShut}`);
      if (isShut) await administer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    },
    async stop() {
      server.kill('SIGINT'); // PostgreSQL's "fast shutdown": connections are ended
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
