import type { Kysely } from 'kysely';

/** What waiting jobs wait for, for metrics. Lines of before have it as soon as their job is read again. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('jobs').addColumn('waitingFor', 'text').execute();
  await schema.alterTable('jobs').addColumn('waitingSinceMs', 'bigint').execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('jobs').dropColumn('waitingSinceMs').execute();
  await schema.alterTable('jobs').dropColumn('waitingFor').execute();
}
