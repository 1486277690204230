import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely';

/** How long a statement waits for another process that writes, in milliseconds: nothing of ours takes nearly so long. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a file, which is made where there is none, with a write-ahead log: readers never wait for a writer, several
 * processes may have the file open, and what was committed survives the loss of power (`synchronous = FULL`).
 * Throws where the file cannot be opened or is no database.
 */
export function openSqliteFile(file: string): DatabaseSync {
  if (file !== ':memory:') mkdirSync(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Queries of ours are a few hundred; lists of different lengths in them make more. */
const MAX_PREPARED = 500;

/**
 * Node's own SQLite in the shape of better-sqlite3, which Kysely's dialect is made for. Statements are prepared once:
 * that takes as long as running most of them. SQLite prepares them anew by itself where tables have changed.
 */
function asKyselyTakesIt(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql);
    const bound = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...bound(parameters)),
      run: (parameters) => statement.run(...bound(parameters)),
      // One of its own, since it stays open while others run.
      iterate: (parameters) => database.prepare(sql).iterate(...bound(parameters)),
    };
  };
  return {
    prepare(sql) {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      if (prepared.size >= MAX_PREPARED) prepared.clear();
      const statement = prepare(sql);
      prepared.set(sql, statement);
      return statement;
    },
    close: () => database.close(),
  };
}

/**
 * Transactions take the lock for writing when they begin. SQLite's default takes it at the first write, and then
 * refuses at once, without waiting, where another process has written since the transaction's first read.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Changes of tables are part of a transaction in SQLite too: it is the lock of the migrations. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Kysely over Node's SQLite. */
export class NodeSqliteDialect extends SqliteDialect {
  private readonly database: SqliteDatabase;

  constructor(database: DatabaseSync) {
    const shaped = asKyselyTakesIt(database);
    super({ database: shaped });
    this.database = shaped;
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: this.database });
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }
}
