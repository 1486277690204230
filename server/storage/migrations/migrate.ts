import { DEFAULT_MIGRATION_TABLE, Migrator, sql, type Kysely, type Migration, type MigrationResultSet } from 'kysely';
import { reason } from '../engines/reason';
import * as tables from './0001-tables';
import * as estimates from './0002-estimates';
import * as jobSettings from './0003-job-settings';
import * as budgets from './0004-budgets';
import * as signInLinks from './0005-sign-in-links';
import * as formerSecrets from './0006-former-secrets';
import * as batches from './0007-batches';
import * as results from './0008-results';
import * as failureCodes from './0009-failure-codes';
import * as waits from './0010-waits';

/**
 * Every change of the tables, by name, in the order of names, and how it is taken back. One that was released is never
 * changed again.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-tables': tables,
  '0002-estimates': estimates,
  '0003-job-settings': jobSettings,
  '0004-budgets': budgets,
  '0005-sign-in-links': signInLinks,
  '0006-former-secrets': formerSecrets,
  '0007-batches': batches,
  '0008-results': results,
  '0009-failure-codes': failureCodes,
  '0010-waits': waits,
};

/**
 * Brings the tables to what this version knows; returns the names of the changes that it made. All of them or none, and
 * one process at a time: an advisory lock on PostgreSQL, SQLite's lock for writing. Throws where a change fails, and
 * where a newer version has changed the tables already.
 */
export async function migrate(db: Kysely<unknown>): Promise<readonly string[]> {
  return named(db, await migratorOf(db).migrateToLatest());
}

/**
 * Takes back the last change of the tables, for the version before; returns its name. What the change added is lost, the
 * rest stays. Throws where a newer version has changed the tables, and where only the first tables are left.
 */
export async function migrateBack(db: Kysely<unknown>): Promise<string> {
  const made = await changesMade(db);
  const newer = newerAmong(made);
  if (newer.length > 0) throw tooNew(newer);
  const last = made.toSorted().at(-1);
  if (last === undefined || MIGRATIONS[last]?.down === undefined)
    throw new Error('there is no change of the tables that could be taken back');
  await named(db, await migratorOf(db).migrateDown());
  return last;
}

const migratorOf = (db: Kysely<unknown>): Migrator =>
  new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });

/** Names of the changes that were made. */
async function named(db: Kysely<unknown>, { error, results = [] }: MigrationResultSet): Promise<readonly string[]> {
  if (error !== undefined) {
    const newer = newerAmong(await changesMade(db));
    throw newer.length > 0 ? tooNew(newer) : new Error(reason(error), { cause: error });
  }
  return results.map(({ migrationName }) => migrationName);
}

const newerAmong = (made: readonly string[]): string[] => made.filter((name) => !Object.hasOwn(MIGRATIONS, name));

const tooNew = (newer: readonly string[]): Error =>
  new Error(`a newer version of Spaceport has changed its tables (${newer.join(', ')}): run that version`);

/** Changes that this or another version has made; none where nobody can tell. */
async function changesMade(db: Kysely<unknown>): Promise<string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
    return rows.map(({ name }) => name);
  } catch {
    return [];
  }
}
