import type { Kysely } from 'kysely';

/** Links of mails that are exchanged for a session, once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signInLinks')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('keyId', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('expiresAtMs', 'bigint', (column) => column.notNull())
    .execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropTable('signInLinks').execute();
}
