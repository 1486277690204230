import type { BatchRecord } from '../../../contracts/batch/record';
import { isJobState, type JobState } from '../../../contracts/job/state';
import type { Db } from '../database';
import { pageOf, positionOf } from './cursor';

/** A line of the list of batches. */
export interface IndexedBatch {
  readonly batchId: string;
  readonly name: string | null;
  /** How many photo sets were asked for. */
  readonly members: number;
  readonly createdAtMs: number;
}

export interface BatchPage {
  /** The newest first. */
  readonly batches: readonly IndexedBatch[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** How many jobs of a batch are in a state, and what they have cost together; erased ones count too. */
export interface BatchTally {
  readonly batchId: string;
  readonly state: JobState;
  readonly jobs: number;
  readonly costUsd: number;
}

/** A job of a batch. It may be some seconds behind the job's record, which is the truth. */
export interface IndexedMember {
  readonly jobId: string;
  /** Null of an erased job, as is `input`. */
  readonly name: string | null;
  readonly input: string | null;
  readonly state: JobState;
  readonly costUsd: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly isErased: boolean;
}

export interface BatchIndex {
  /** Takes in batches that it lacks. */
  add(batches: readonly BatchRecord[]): Promise<void>;
  /** A page of a tenant's batches. Throws InvalidCursorError. */
  list(tenant: string, page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<BatchPage>;
  /** The jobs of a tenant's batches, counted by state. */
  tallies(tenant: string, batchIds: readonly string[]): Promise<readonly BatchTally[]>;
  /** Those members of a tenant's batch that are jobs. */
  members(tenant: string, batchId: string): Promise<readonly IndexedMember[]>;
  /** Which of these batches it lacks. */
  lacking(batchIds: readonly string[]): Promise<readonly string[]>;
}

export function createBatchIndex(db: Db): BatchIndex {
  return {
    async add(batches) {
      if (batches.length === 0) return;
      const rows = batches.map(({ batchId, tenant, name, members, createdAtMs }) => ({
        batchId,
        tenant,
        name,
        members: members.length,
        createdAtMs,
      }));
      await db
        .insertInto('batches')
        .values(rows)
        .onConflict((conflict) => conflict.column('batchId').doNothing())
        .execute();
    },

    async list(tenant, { cursor, limit }) {
      let query = db
        .selectFrom('batches')
        .select(['batchId', 'name', 'members', 'createdAtMs'])
        .where('tenant', '=', tenant)
        .orderBy('createdAtMs', 'desc')
        .orderBy('batchId', 'desc')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const { createdAtMs, id } = positionOf(cursor);
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('createdAtMs', 'batchId'), '<', tuple(createdAtMs, id)),
        );
      }
      const { rows, nextCursor } = pageOf(await query.execute(), limit, ({ createdAtMs, batchId: id }) => ({
        createdAtMs,
        id,
      }));
      return { batches: rows, nextCursor };
    },

    async tallies(tenant, batchIds) {
      if (batchIds.length === 0) return [];
      const rows = await db
        .selectFrom('jobs')
        .select(({ fn }) => [
          'batchId',
          'state',
          fn.countAll<number>().as('jobs'),
          fn.sum<number>('costUsd').as('costUsd'),
        ])
        .where('tenant', '=', tenant)
        .where('batchId', 'in', [...batchIds])
        .groupBy(['batchId', 'state'])
        .execute();
      return rows.map(({ batchId, state, ...tally }) => ({ ...tally, batchId: batchId ?? '', state: known(state) }));
    },

    async members(tenant, batchId) {
      const rows = await db
        .selectFrom('jobs')
        .select(['jobId', 'name', 'input', 'state', 'costUsd', 'failureCode', 'failureMessage', 'erasedAtMs'])
        .where('tenant', '=', tenant)
        .where('batchId', '=', batchId)
        .execute();
      return rows.map(({ state, failureCode, failureMessage, erasedAtMs, ...row }) => ({
        ...row,
        state: known(state),
        failure: failureCode === null ? null : { code: failureCode, message: failureMessage ?? '' },
        isErased: erasedAtMs !== null,
      }));
    },

    async lacking(batchIds) {
      if (batchIds.length === 0) return [];
      const rows = await db
        .selectFrom('batches')
        .select('batchId')
        .where('batchId', 'in', [...batchIds])
        .execute();
      const had = new Set(rows.map(({ batchId }) => batchId));
      return batchIds.filter((batchId) => !had.has(batchId));
    },
  };
}

const known = (state: string): JobState => (isJobState(state) ? state : 'queued');
