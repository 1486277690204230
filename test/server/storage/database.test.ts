import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { ConfigError, type DatabaseLocation } from '../../../platform/config';
import { openDatabase } from '../../../server/storage/database';
import { createStorage } from '../../../server/storage/storage';
import { onBothEngines, silentLogger } from '../../helpers/storage/engines';

const register = path.join(__dirname, '../../helpers/register-typescript.js');

/** What another process that opens the database says, and writes on stderr. */
const openElsewhere = (location: DatabaseLocation, name: string, ...then: string[]) =>
  new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const script = path.join(__dirname, 'open-database.ts');
    execFile(process.execPath, ['-r', register, script, JSON.stringify(location), name, ...then], (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });

/** Why a database cannot be opened. */
async function refusal(location: DatabaseLocation): Promise<string> {
  const database = await openDatabase(location, silentLogger).catch((error: unknown) => error);
  if (!(database instanceof ConfigError)) throw new Error('it was opened');
  return database.message;
}

onBothEngines((engine) => {
  test('several processes that open a new database at once make its tables once, and none is refused', async () => {
    const location = await engine.newLocation();
    const names = ['a', 'b', 'c'];
    const opened = await Promise.all(names.map((name) => openElsewhere(location, name)));
    expect(opened.map(({ stderr }) => stderr)).toEqual(['', '', '']);
    const changes = opened.map(({ stdout }) => JSON.parse(stdout) as string[]);
    const made = changes.filter((names) => names.length > 0);
    expect(made).toHaveLength(1);
    expect(made[0]?.[0]).toBe('0001-tables');
    expect(made[0]).toEqual(made[0]?.toSorted());

    const database = await openDatabase(location, silentLogger);
    const tenants = await createStorage(database.db).tenants.list();
    await database.close();
    expect(tenants.map(({ id }) => id)).toEqual(names);
  });

  test('what was written is there after the process was killed', async () => {
    const location = await engine.newLocation();
    await openElsewhere(location, 'before', '--die');
    const database = await openDatabase(location, silentLogger);
    const tenants = await createStorage(database.db).tenants.list();
    await database.close();
    expect(tenants.map(({ id }) => id)).toEqual(['before']);
  });

  test('a database that a newer version has changed is left alone, and the message says so', async () => {
    const location = await engine.newLocation();
    const newer = await openDatabase(location, silentLogger);
    await sql`insert into kysely_migration (name, timestamp) values ('0099-later', '2030-01-01T00:00:00Z')`.execute(
      newer.db,
    );
    await newer.close();
    expect(await refusal(location)).toMatch(/newer version of Spaceport has changed its tables \(0099-later\)/);
  });

  test('a check tells whether the database answers', async () => {
    const database = await engine.newDatabase();
    await expect(database.check()).resolves.toBeUndefined();
    await database.close();
    await expect(database.check()).rejects.toThrow();
  });
});

describe('what cannot be opened is refused with the name of the variable, and without the address', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'spaceport-database-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a PostgreSQL that does not answer', async () => {
    const message = await refusal({ kind: 'postgres', url: 'postgres://someone:geheim@127.0.0.1:1/spaceport' });
    expect(message).toContain('DATABASE_URL');
    expect(message).toContain('ECONNREFUSED');
    expect(message).not.toContain('geheim');
  });

  test('a file that is no database', async () => {
    const file = path.join(folder, 'notes.txt');
    writeFileSync(file, 'these are notes, and no database\n'.repeat(40));
    expect(await refusal({ kind: 'sqlite', file })).toMatch(/notes\.txt, which SPACEPORT_DATABASE_FILE names, cannot/);
  });

  test('a folder that cannot be made', async () => {
    writeFileSync(path.join(folder, 'taken'), '');
    const file = path.join(folder, 'taken', 'spaceport.sqlite');
    expect(await refusal({ kind: 'sqlite', file })).toContain('SPACEPORT_DATABASE_FILE');
  });
});

test('SQLite loses nothing that was committed when the power goes, and readers do not wait for a writer', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spaceport-database-'));
  const database = await openDatabase({ kind: 'sqlite', file: path.join(folder, 'new', 'a.sqlite') }, silentLogger);
  const { rows: journal } = await sql`pragma journal_mode`.execute(database.db);
  const { rows: synchronous } = await sql`pragma synchronous`.execute(database.db);
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  expect([journal, synchronous]).toEqual([[{ journal_mode: 'wal' }], [{ synchronous: 2 }]]);
});
