import { Kysely, sql, type Dialect } from 'kysely';
import { ConfigError, type DatabaseLocation } from '../../platform/config';
import type { Logger } from '../../platform/logger';
import { postgresDialect } from './engines/postgres';
import { reason } from './engines/reason';
import { NodeSqliteDialect, openSqliteFile } from './engines/sqlite';
import { migrate, migrateBack } from './migrations/migrate';
import type { Tables } from './tables';

/** Queries on our tables: on the database, or within one of its transactions. */
export type Db = Kysely<Tables>;

export interface Database {
  readonly db: Db;
  readonly engine: DatabaseLocation['kind'];
  /** Throws when the database does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the database that the configuration names, and brings its tables to this version. Throws ConfigError that says
 * which variable names it where it cannot be used; the message never holds its address.
 */
export async function openDatabase(location: DatabaseLocation, logger: Logger): Promise<Database> {
  const { db, done: changes } = await opened(location, logger, migrate);
  logger.info({ engine: location.kind, changes }, 'the database is open');
  return {
    db,
    engine: location.kind,
    check: async () => void (await sql`select 1`.execute(db)),
    close: () => db.destroy(),
  };
}

/** Takes back the last change of the tables, while no server runs; returns its name. Throws ConfigError as `openDatabase`. */
export async function takeBackLastChange(location: DatabaseLocation, logger: Logger): Promise<string> {
  const { db, done } = await opened(location, logger, migrateBack);
  await db.destroy();
  return done;
}

/** The database after a change of its tables; closed again where that cannot be made. */
async function opened<T>(
  location: DatabaseLocation,
  logger: Logger,
  change: (db: Kysely<unknown>) => Promise<T>,
): Promise<{ readonly db: Db; readonly done: T }> {
  const db = new Kysely<Tables>({ dialect: dialectOf(location, logger) });
  try {
    return { db, done: await change(db as Kysely<unknown>) };
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw unusable(location, error);
  }
}

function dialectOf(location: DatabaseLocation, logger: Logger): Dialect {
  if (location.kind === 'postgres') return postgresDialect(location, logger);
  try {
    return new NodeSqliteDialect(openSqliteFile(location.file));
  } catch (error) {
    throw unusable(location, error);
  }
}

function unusable(location: DatabaseLocation, error: unknown): ConfigError {
  const what =
    location.kind === 'postgres'
      ? 'the PostgreSQL database that DATABASE_URL names'
      : `the database ${location.file}, which SPACEPORT_DATABASE_FILE names,`;
  return new ConfigError(`${what} cannot be used: ${reason(error)}`);
}
