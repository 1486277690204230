import type { Selectable } from 'kysely';
import type { Db } from './database';
import { jsonText, objectIn } from './json-text';
import type { ChangeRegistered, RegisteredId } from './registry/registered';
import type { Tables } from './tables';

/** People or programs that see only their own jobs. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** By name; the use cases know which there are. */
  readonly limits: Readonly<Record<string, unknown>>;
  /** Null = no budget. */
  readonly monthlyBudgetUsd: number | null;
  /** Who is told of the budget; null = nobody. */
  readonly alertEmail: string | null;
  readonly createdAtMs: number;
  /** Null while it is open. */
  readonly closedAtMs: number | null;
}

export interface Tenants {
  /** False, and nothing is written, where the id is taken. */
  create(tenant: Tenant): Promise<boolean>;
  find(id: string): Promise<Tenant | null>;
  /** All of them, in the order of ids. */
  list(): Promise<readonly Tenant[]>;
  /** The tenant after the change; null where there is none. */
  update(
    id: string,
    changes: Partial<Pick<Tenant, 'name' | 'limits' | 'monthlyBudgetUsd' | 'alertEmail' | 'closedAtMs'>>,
  ): Promise<Tenant | null>;
}

const registered = (id: string): RegisteredId => ({ kind: 'tenants', tenant: id, jobId: '', id });

const fromRow = (row: Selectable<Tables['tenants']>): Tenant => ({ ...row, limits: objectIn(row.limits) });

export function createTenants(db: Db, change: ChangeRegistered): Tenants {
  return {
    create: (tenant) =>
      change(registered(tenant.id), async (within) => {
        const row = { ...tenant, limits: jsonText(tenant.limits) };
        const { numInsertedOrUpdatedRows } = await within
          .insertInto('tenants')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      }),

    async find(id) {
      const row = await db.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },

    list: async () => (await db.selectFrom('tenants').selectAll().orderBy('id').execute()).map(fromRow),

    update: (id, { limits, ...changes }) =>
      change(registered(id), async (within) => {
        const row = await within
          .updateTable('tenants')
          .set({ id, ...changes, ...(limits !== undefined && { limits: jsonText(limits) }) })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? null : fromRow(row);
      }),
  };
}
