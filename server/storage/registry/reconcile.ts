import { bounded } from '../../../platform/bounded';
import type { Logger } from '../../../platform/logger';
import type { Db } from '../database';
import type { RegisteredId } from './registered';
import { allIds, isSameRow, readRow, rowIn, writeRow, type RegisteredRow } from './registered-rows';
import type { Registry } from './registry';
import type { RegisteredObject, RegistryObjects } from './registry-objects';

export interface ReconcileDeps {
  readonly db: Db;
  readonly registry: Registry;
  readonly objects: RegistryObjects;
  readonly logger: Logger;
}

/** How many things the database did not have as S3 has them, and how many objects could not be read. */
export interface Reconciled {
  readonly restored: number;
  readonly unreadable: number;
}

const AT_ONCE = 8;

/**
 * Puts into the database what S3 has of registered things. Servers may work on both meanwhile: a change that S3 does
 * not have yet is left alone.
 * @param scope `missing`: what the database lacks, as after the loss of its file; `all`: everything, and what S3 lacks
 *   is taken away, as after an old backup was put back. Throws where S3 or the database do not answer.
 */
export async function reconcileRegistry(
  deps: ReconcileDeps,
  scope: 'missing' | 'all',
  signal: AbortSignal,
): Promise<Reconciled> {
  const nameOf = ({ kind, tenant, jobId, id }: RegisteredId): string => [kind, tenant, jobId, id].join('/');
  const known = new Map((await allIds(deps.db)).map((what) => [nameOf(what), what]));
  const due = scope === 'all' ? new Map(known) : new Map<string, RegisteredId>();
  for await (const what of deps.objects.list(signal)) if (!known.has(nameOf(what))) due.set(nameOf(what), what);
  const inTurn = bounded(AT_ONCE);
  const outcomes = await Promise.all([...due.values()].map((what) => inTurn(() => reconcileOne(deps, what, signal))));
  return {
    restored: outcomes.filter((outcome) => outcome === 'restored').length,
    unreadable: outcomes.filter((outcome) => outcome === 'unreadable').length,
  };
}

async function reconcileOne(
  { db, registry, objects, logger }: ReconcileDeps,
  what: RegisteredId,
  signal: AbortSignal,
): Promise<'same' | 'restored' | 'unreadable'> {
  /** Undefined where the object is not the row of this thing. */
  const look = async (): Promise<{ object: RegisteredObject | null; row: RegisteredRow | null } | undefined> => {
    const object = await objects.read(what, signal).catch((error: unknown) => {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    });
    if (object === undefined) return undefined;
    const row = object === null ? null : rowIn(what, object.row);
    return object !== null && row === null ? undefined : { object, row };
  };

  let restored = false;
  for (let seen = await look(); ;) {
    if (seen === undefined) {
      logger.warn({ kind: what.kind, id: what.id }, 'an object of the registry cannot be read');
      return 'unreadable';
    }
    const { row } = seen;
    const changed = await db.transaction().execute(async (within) => {
      if ((await registry.isBehind(within, what)) || isSameRow(row, await readRow(within, what))) return false;
      await writeRow(within, what, row);
      return true;
    });
    restored ||= changed;
    if (!changed) return restored ? 'restored' : 'same';
    // A server may have changed the thing, and the object, after it was read here.
    const etag = seen.object?.etag;
    seen = await look();
    if (seen?.object?.etag === etag) return 'restored';
  }
}
