import type { Kysely } from 'kysely';

/** Batches, and which of them a job is one of. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('batches')
    .addColumn('batchId', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('members', 'bigint', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('batchesOfTenant').on('batches').columns(['tenant', 'createdAtMs', 'batchId']).execute();
  await schema.alterTable('jobs').addColumn('batchId', 'text').execute();
  await schema.createIndex('jobsOfBatch').on('jobs').columns(['batchId', 'createdAtMs', 'jobId']).execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropIndex('jobsOfBatch').execute();
  await schema.alterTable('jobs').dropColumn('batchId').execute();
  await schema.dropTable('batches').execute();
}
