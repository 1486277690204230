import type { Kysely } from 'kysely';

/** Budgets of tenants: who is told, what was told, and what open jobs will cost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tenants').addColumn('alertEmail', 'text').execute();
  await db.schema.alterTable('jobs').addColumn('expectedUsd', 'double precision').execute();
  await db.schema
    .createTable('budgetAlerts')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('percent', 'bigint', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('handedOverAtMs', 'bigint')
    .addPrimaryKeyConstraint('budgetAlertsKey', ['tenant', 'month', 'percent'])
    .execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropTable('budgetAlerts').execute();
  await schema.alterTable('jobs').dropColumn('expectedUsd').execute();
  await schema.alterTable('tenants').dropColumn('alertEmail').execute();
}
