import type { Kysely } from 'kysely';

/** Why attempts failed, for metrics. Lines of before have none until their job is read again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('attempts').addColumn('failureCode', 'text').execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('attempts').dropColumn('failureCode').execute();
}
