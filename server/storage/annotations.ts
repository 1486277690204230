import type { Selectable } from 'kysely';
import type { Db } from './database';
import { jsonText, objectIn } from './json-text';
import type { ChangeRegistered, RegisteredId } from './registry/registered';
import type { Tables } from './tables';

/** A note or a measurement on a scene. */
export interface Annotation {
  readonly tenant: string;
  readonly jobId: string;
  readonly id: string;
  /** As the use case has checked it. */
  readonly body: Readonly<Record<string, unknown>>;
  /** 1 for the first, and one more with each change: its ETag. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Another version than the one that was expected stands there; nothing was written. */
export type Changed = 'changed';

export interface Annotations {
  /** Null where the job has `limit` already; of several that come at once a few more may be let in. */
  create(annotation: Omit<Annotation, 'version' | 'updatedAtMs'>, limit: number): Promise<Annotation | null>;
  /** Of one job, in the order in which they were made. */
  list(tenant: string, jobId: string): Promise<readonly Annotation[]>;
  find(tenant: string, jobId: string, id: string): Promise<Annotation | null>;
  /**
   * The annotation with another body; null where there is none.
   * @param expected the version that is replaced; null = whichever there is
   */
  replace(
    annotation: Pick<Annotation, 'tenant' | 'jobId' | 'id' | 'body'>,
    expected: number | null,
    nowMs: number,
  ): Promise<Annotation | Changed | null>;
  /** The annotation that was removed; null where there was none. */
  remove(tenant: string, jobId: string, id: string, expected: number | null): Promise<Annotation | Changed | null>;
  /** Forgets all annotations of a job that is erased. */
  removeOfJob(tenant: string, jobId: string): Promise<void>;
}

const registered = (tenant: string, jobId: string, id: string): RegisteredId => ({
  kind: 'annotations',
  tenant,
  jobId,
  id,
});

const fromRow = (row: Selectable<Tables['annotations']>): Annotation => ({ ...row, body: objectIn(row.body) });

const ofJob = (db: Db, tenant: string, jobId: string) =>
  db.selectFrom('annotations').selectAll().where('tenant', '=', tenant).where('jobId', '=', jobId);

/** An annotation, at the version that is expected; null = at any. */
const versionOf = (tenant: string, jobId: string, id: string, expected: number | null) => ({
  tenant,
  jobId,
  id,
  ...(expected !== null && { version: expected }),
});

export function createAnnotations(db: Db, change: ChangeRegistered): Annotations {
  const find = async (within: Db, tenant: string, jobId: string, id: string): Promise<Annotation | null> => {
    const row = await ofJob(within, tenant, jobId).where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : fromRow(row);
  };

  const remove: Annotations['remove'] = (tenant, jobId, id, expected) =>
    change(registered(tenant, jobId, id), async (within) => {
      const row = await within
        .deleteFrom('annotations')
        .where(({ and }) => and(versionOf(tenant, jobId, id, expected)))
        .returningAll()
        .executeTakeFirst();
      if (row !== undefined) return fromRow(row);
      return (await find(within, tenant, jobId, id)) === null ? null : 'changed';
    });

  return {
    create: (annotation, limit) =>
      change(registered(annotation.tenant, annotation.jobId, annotation.id), async (within) => {
        const { count } = await within
          .selectFrom('annotations')
          .select(({ fn }) => fn.countAll().as('count'))
          .where('tenant', '=', annotation.tenant)
          .where('jobId', '=', annotation.jobId)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limit) return null;
        const row = {
          ...annotation,
          body: jsonText(annotation.body),
          version: 1,
          updatedAtMs: annotation.createdAtMs,
        };
        return fromRow(await within.insertInto('annotations').values(row).returningAll().executeTakeFirstOrThrow());
      }),

    list: async (tenant, jobId) =>
      (await ofJob(db, tenant, jobId).orderBy('createdAtMs').orderBy('id').execute()).map(fromRow),

    find: (tenant, jobId, id) => find(db, tenant, jobId, id),

    replace: ({ tenant, jobId, id, body }, expected, nowMs) =>
      change(registered(tenant, jobId, id), async (within) => {
        const row = await within
          .updateTable('annotations')
          .set(({ eb }) => ({ body: jsonText(body), version: eb('version', '+', 1), updatedAtMs: nowMs }))
          .where(({ and }) => and(versionOf(tenant, jobId, id, expected)))
          .returningAll()
          .executeTakeFirst();
        if (row !== undefined) return fromRow(row);
        return (await find(within, tenant, jobId, id)) === null ? null : 'changed';
      }),

    remove,

    async removeOfJob(tenant, jobId) {
      for (const { id } of await ofJob(db, tenant, jobId).execute()) await remove(tenant, jobId, id, null);
    },
  };
}
