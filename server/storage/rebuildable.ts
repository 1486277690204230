import { PostgresAdapter, sql } from 'kysely';
import type { Db } from './database';

/**
 * A transaction that does not wait for the disk, which takes longer than all the rest of it: a loss of power may undo
 * it, but nothing beside it, and nothing that was committed before. For what is made again from records and visibility.
 * See PostgreSQL's synchronous_commit and, for a write-ahead log, SQLite's PRAGMA synchronous.
 */
export async function rebuildable<T>(db: Db, work: (within: Db) => Promise<T>): Promise<T> {
  if (db.getExecutor().adapter instanceof PostgresAdapter)
    return db.transaction().execute(async (within) => {
      await sql`set local synchronous_commit to off`.execute(within);
      return work(within);
    });
  // Of a connection, and not to be changed within a transaction.
  return db.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection);
    try {
      return await connection.transaction().execute(work);
    } finally {
      await sql`pragma synchronous = full`.execute(connection);
    }
  });
}
