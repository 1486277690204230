import { sql, type Selectable } from 'kysely';
import { tookSeconds } from '../../../contracts/job/record';
import { isFinal, isJobState, WAITS_FOR, type JobState, type WaitsFor } from '../../../contracts/job/state';
import type { PresetName } from '../../../contracts/stages/presets';
import type { Db } from '../database';
import type { Tables } from '../tables';
import { pageOf, positionOf } from './cursor';
import { comparable, rowsOf, type KnownJob } from './job-rows';

/** A line of a list of jobs. It may be some seconds behind the job's record, which is the truth. */
export interface IndexedJob {
  readonly jobId: string;
  readonly name: string;
  /** The batch that it is one of; null = none. */
  readonly batchId: string | null;
  readonly state: JobState;
  /** The step that it is at, or was at last; null before the first. */
  readonly stage: string | null;
  readonly preset: string;
  /** `s3://…` that the photos came from. */
  readonly input: string;
  readonly priority: number;
  readonly startAtMs: number | null;
  /** Photos that intake took; null before it has. */
  readonly photos: number | null;
  readonly costUsd: number;
  readonly billedSeconds: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly endedAtMs: number | null;
  /** From start to end, without the time between an end and a retry; null before the end. */
  readonly tookSeconds: number | null;
  /** Null where it does not wait, and where the index was written before it knew. */
  readonly waitsFor: WaitsFor | null;
  /** Whether a scene of it is published. */
  readonly hasResult: boolean;
}

export interface JobFilter {
  /** None = every state. */
  readonly states?: readonly JobState[];
  readonly preset?: PresetName | undefined;
  readonly batchId?: string | undefined;
  /** Words that all stand in the name, the address of the photos or the id; in any case, as parts of words too. */
  readonly text?: string | undefined;
  readonly createdAfterMs?: number | undefined;
  readonly createdBeforeMs?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface JobPage {
  /** The newest first. */
  readonly jobs: readonly IndexedJob[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** What the index knows of a job, for those who keep it up to date. */
export interface IndexedVersion {
  readonly updatedAtMs: number;
  /** Nothing will change by itself: it has ended, and so have its machines. */
  readonly isSettled: boolean;
}

export interface JobIndex {
  /** Takes in what is known of jobs, in one transaction; returns for how many that was news. */
  upsert(jobs: readonly KnownJob[]): Promise<number>;
  /** A page of a tenant's jobs, without erased ones. Throws InvalidCursorError. */
  list(tenant: string, filter: JobFilter): Promise<JobPage>;
  /** What is known of each of these jobs; those that the index lacks are not in the map. */
  versions(jobIds: readonly string[]): Promise<ReadonlyMap<string, IndexedVersion>>;
  /** Forgets jobs that are not among `jobIds` and began before `beforeMs`; returns how many that were. */
  keepOnly(jobIds: ReadonlySet<string>, beforeMs: number): Promise<number>;
  /** How many jobs there are, of all tenants, erased ones too. */
  count(): Promise<number>;
}

/** Words of a search beyond these are not looked at. */
const MAX_WORDS = 8;

export function createJobIndex(db: Db): JobIndex {
  return {
    upsert: (jobs) =>
      db.transaction().execute(async (within) => {
        let news = 0;
        for (const job of jobs) if (await upsertOne(within, job)) news += 1;
        return news;
      }),

    async list(tenant, filter) {
      const { states = [], preset, batchId, text = '', createdAfterMs, createdBeforeMs, cursor, limit } = filter;
      let query = db
        .selectFrom('jobs')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('erasedAtMs', 'is', null)
        .orderBy('createdAtMs', 'desc')
        .orderBy('jobId', 'desc')
        .limit(limit + 1);
      if (states.length > 0) query = query.where('state', 'in', states);
      if (preset !== undefined) query = query.where('preset', '=', preset);
      if (batchId !== undefined) query = query.where('batchId', '=', batchId);
      if (createdAfterMs !== undefined) query = query.where('createdAtMs', '>', createdAfterMs);
      if (createdBeforeMs !== undefined) query = query.where('createdAtMs', '<', createdBeforeMs);
      for (const word of wordsOf(text)) query = query.where(sql<boolean>`"searchText" like ${`%${word}%`} escape '\\'`);
      if (cursor !== undefined) {
        const { createdAtMs, id } = positionOf(cursor);
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('createdAtMs', 'jobId'), '<', tuple(createdAtMs, id)),
        );
      }
      const { rows, nextCursor } = pageOf(await query.execute(), limit, ({ createdAtMs, jobId: id }) => ({
        createdAtMs,
        id,
      }));
      return { jobs: rows.map(indexedJob), nextCursor };
    },

    async versions(jobIds) {
      if (jobIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('jobs')
        .select(({ exists, selectFrom }) => [
          'jobId',
          'state',
          'updatedAtMs',
          exists(
            selectFrom('attempts')
              .select('attempts.jobId')
              .whereRef('attempts.jobId', '=', 'jobs.jobId')
              .where('attempts.status', '=', 'Running'),
          ).as('hasMachines'),
        ])
        .where('jobId', 'in', [...jobIds])
        .execute();
      return new Map(
        rows.map(({ jobId, state, updatedAtMs, hasMachines }) => [
          jobId,
          { updatedAtMs, isSettled: isJobState(state) && isFinal(state) && !hasMachines },
        ]),
      );
    },

    async keepOnly(jobIds, beforeMs) {
      const old = await db.selectFrom('jobs').select('jobId').where('createdAtMs', '<', beforeMs).execute();
      const gone = old.map(({ jobId }) => jobId).filter((jobId) => !jobIds.has(jobId));
      for (const jobId of gone)
        await db.transaction().execute(async (within) => {
          await within.deleteFrom('attempts').where('jobId', '=', jobId).execute();
          await within.deleteFrom('jobs').where('jobId', '=', jobId).execute();
        });
      return gone.length;
    },

    async count() {
      const { jobs } = await db
        .selectFrom('jobs')
        .select(({ fn }) => fn.countAll<number>().as('jobs'))
        .executeTakeFirstOrThrow();
      return jobs;
    },
  };
}

/** Whether the job was news to the index. Of the same moment the later word counts, unless it is the same. */
async function upsertOne(within: Db, job: KnownJob): Promise<boolean> {
  const { row, attempts } = rowsOf(job);
  const { jobId, ...changes } = row;
  const written = await within
    .insertInto('jobs')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('jobId')
        .doUpdateSet(changes)
        .whereRef('excluded.updatedAtMs', '>=', 'jobs.updatedAtMs')
        .whereRef('excluded.digest', '<>', 'jobs.digest'),
    )
    .returning('jobId')
    .executeTakeFirst();
  if (written === undefined) return false;
  await within.deleteFrom('attempts').where('jobId', '=', jobId).execute();
  if (attempts.length > 0) await within.insertInto('attempts').values(attempts).execute();
  return true;
}

/** The words of a search, as patterns of LIKE hold them. */
const wordsOf = (text: string): string[] =>
  comparable(text)
    .split(/\s+/u)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS)
    .map((word) => word.replace(/[\\%_]/g, '\\$&'));

/** A job as its row tells it. */
export const indexedJob = (row: Selectable<Tables['jobs']>): IndexedJob => ({
  jobId: row.jobId,
  name: row.name ?? '',
  batchId: row.batchId,
  state: isJobState(row.state) ? row.state : 'queued',
  stage: row.stage,
  preset: row.preset,
  input: row.input ?? '',
  priority: row.priority,
  startAtMs: row.startAtMs,
  photos: row.photos,
  costUsd: row.costUsd,
  billedSeconds: row.billedSeconds,
  failure: row.failureCode === null ? null : { code: row.failureCode, message: row.failureMessage ?? '' },
  createdAtMs: row.createdAtMs,
  updatedAtMs: row.updatedAtMs,
  endedAtMs: row.endedAtMs,
  tookSeconds: row.endedAtMs === null ? null : tookSeconds(row, row.endedAtMs),
  waitsFor: WAITS_FOR.find((each) => each === row.waitingFor) ?? null,
  hasResult: row.hasResult === 1,
});
