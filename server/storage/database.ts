import { Kysely, sql, type Dialect } from 'kysely';
import { ConfigError, type DatabaseLocation } from '../../platform/config';
import type { Logger } from '../../platform/logger';
import { postgresDialect } from './engines/postgres';
import { reason } from './engines/reason';
import { NodeSqliteDialect, openSqliteFile } from './engines/sqlite';
import { migrate } from './migrations/migrate';
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
  const db = new Kysely<Tables>({ dialect: dialectOf(location, logger) });
  try {
    const changes = await migrate(db as Kysely<unknown>);
    logger.info({ engine: location.kind, changes }, 'the database is open');
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw unusable(location, error);
  }
  return {
    db,
    engine: location.kind,
    check: async () => void (await sql`select 1`.execute(db)),
    close: () => db.destroy(),
  };
}

function dialectOf(location: DatabaseLocation, logger: Logger): Dialect {
  if (location.kind === 'postgres') return postgresDialect(location.url, logger);
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
