import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import type { Logger } from '../../../platform/logger';
import type { Db } from '../database';
import type { Tables } from '../tables';
import type { ChangeRegistered, RegisteredId } from './registered';
import { isSameRow, readRow } from './registered-rows';
import type { RegistryObjects } from './registry-objects';

/** Keeps S3 beside the database. */
export interface Registry {
  /**
   * Makes a change in the database, and in S3 before it returns. Where S3 does not answer the change counts, and S3
   * gets it by `settle`, also after a crash: it is noted in the same transaction.
   */
  readonly change: ChangeRegistered;
  /** Whether S3 does not have the latest change of a thing yet. Within a transaction that is about to change it. */
  isBehind(within: Db, what: RegisteredId): Promise<boolean>;
  /** Writes what S3 does not have yet. Throws where it does not answer. */
  settle(signal: AbortSignal): Promise<void>;
}

/** Longest that a change waits for S3. */
const WRITE_TIMEOUT_MS = 5000;
/** Changes that one call of `settle` writes; the rest is for the next one. */
const MAX_SETTLED = 200;

export function createRegistry({
  db,
  objects,
  logger,
}: {
  readonly db: Db;
  readonly objects: RegistryObjects;
  readonly logger: Logger;
}): Registry {
  /** Writes what the database has of a thing, until it has not changed meanwhile; then the note of it goes. */
  const settleOne = async (what: RegisteredId, signal: AbortSignal): Promise<void> => {
    const noted = await noteOf(db, what);
    if (noted === undefined) return;
    let row;
    // Whoever writes last looks afterwards: two that write at once leave what the database has.
    do await objects.write(what, (row = await readRow(db, what)), signal);
    while (!isSameRow(row, await readRow(db, what)));
    await db.deleteFrom('registryChanges').where(isNoteOf(what)).where('generation', '=', noted.generation).execute();
  };

  return {
    async change(what, change) {
      const { answer, isNews } = await db.transaction().execute(async (within) => {
        const answer = await change(within);
        const isNews = answer !== null && answer !== false && answer !== 'changed';
        if (isNews) await note(within, what);
        return { answer, isNews };
      });
      if (isNews)
        await settleOne(what, AbortSignal.timeout(WRITE_TIMEOUT_MS)).catch((error: unknown) => {
          logger.warn({ err: error, kind: what.kind }, 'the registry in S3 is behind; it is written later');
        });
      return answer;
    },

    isBehind: async (within, what) => (await noteOf(within, what)) !== undefined,

    async settle(signal) {
      const behind = await db.selectFrom('registryChanges').selectAll().limit(MAX_SETTLED).execute();
      for (const { generation: _, ...what } of behind)
        await settleOne(what as RegisteredId, AbortSignal.any([signal, AbortSignal.timeout(WRITE_TIMEOUT_MS)]));
    },
  };
}

type NoteExpressions = ExpressionBuilder<Tables, 'registryChanges'>;

const isNoteOf =
  ({ kind, tenant, jobId, id }: RegisteredId) =>
  ({ and }: NoteExpressions): ExpressionWrapper<Tables, 'registryChanges', SqlBool> =>
    and({ kind, tenant, jobId, id });

const noteOf = (db: Db, what: RegisteredId): Promise<{ readonly generation: number } | undefined> =>
  db.selectFrom('registryChanges').select('generation').where(isNoteOf(what)).executeTakeFirst();

async function note(within: Db, { kind, tenant, jobId, id }: RegisteredId): Promise<void> {
  await within
    .insertInto('registryChanges')
    .values({ kind, tenant, jobId, id, generation: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'tenant', 'jobId', 'id'])
        .doUpdateSet(({ eb }) => ({ generation: eb('registryChanges.generation', '+', 1) })),
    )
    .execute();
}
