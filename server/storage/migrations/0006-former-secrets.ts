import type { Kysely } from 'kysely';

/** A replaced secret of a webhook endpoint signs on for a while. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('webhookEndpoints')
    .addColumn('formerSecrets', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('webhookEndpoints').dropColumn('formerSecrets').execute();
}
