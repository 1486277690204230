import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { DatabaseLocation } from '../../../platform/config';
import { openDatabase, type Database } from '../../../server/storage/database';
import { postgresPrograms, startPostgres, type RunningPostgres } from './postgres';

/** An engine under test. */
export interface TestEngine {
  readonly kind: DatabaseLocation['kind'];
  /** A new, empty database. */
  newLocation(): Promise<DatabaseLocation>;
  /** The same, opened; closed after the test. */
  newDatabase(): Promise<Database>;
  /** The server, where the engine has one. */
  readonly postgres: RunningPostgres | null;
}

export const silentLogger = pino({ level: 'silent' });

/** Runs a suite on SQLite and on PostgreSQL; without PostgreSQL on this machine that half says that it is skipped. */
export function onBothEngines(suite: (engine: TestEngine) => void): void {
  describe('on SQLite', () => suite(sqliteEngine()));
  const programs = postgresPrograms();
  if (programs === null)
    describe.skip('on PostgreSQL: skipped, since this machine has none (apt-get install postgresql)', () =>
      suite(sqliteEngine()));
  else describe('on PostgreSQL', () => suite(postgresEngine(programs)));
}

function sqliteEngine(): TestEngine {
  let folder: string;
  let files = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'spaceport-sqlite-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const newLocation = async (): Promise<DatabaseLocation> => {
    files += 1;
    return { kind: 'sqlite', file: path.join(folder, `test${files}.sqlite`) };
  };
  return { kind: 'sqlite', newLocation, newDatabase: opener(newLocation), postgres: null };
}

function postgresEngine(programs: string): TestEngine {
  let postgres: RunningPostgres | null = null;
  beforeAll(async () => {
    postgres = await startPostgres(programs);
  });
  afterAll(async () => postgres?.stop());
  const newLocation = async (): Promise<DatabaseLocation> => ({
    kind: 'postgres',
    url: await postgres!.createDatabase(),
  });
  return {
    kind: 'postgres',
    newLocation,
    newDatabase: opener(newLocation),
    get postgres() {
      return postgres;
    },
  };
}

function opener(newLocation: TestEngine['newLocation']): TestEngine['newDatabase'] {
  const opened: Database[] = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });
  return async () => {
    const database = await openDatabase(await newLocation(), silentLogger);
    opened.push(database);
    return database;
  };
}
