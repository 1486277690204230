import type { Kysely } from 'kysely';

/** What a job is to be taken before others, and when it is to begin. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('jobs')
    .addColumn('priority', 'bigint', (column) => column.notNull().defaultTo(3))
    .execute();
  await schema.alterTable('jobs').addColumn('startAtMs', 'bigint').execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('jobs').dropColumn('startAtMs').execute();
  await schema.alterTable('jobs').dropColumn('priority').execute();
}
