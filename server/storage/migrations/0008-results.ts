import { sql, type Kysely } from 'kysely';

/** Which jobs have a published scene, and for how long they rested between their runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['restedMs', 'hasResult'])
    await db.schema
      .alterTable('jobs')
      .addColumn(column, 'bigint', (made) => made.notNull().defaultTo(0))
      .execute();
  await sql`update ${sql.table('jobs')} set ${sql.ref('hasResult')} = 1 where ${sql.ref('state')} = 'succeeded'`.execute(
    db,
  );
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  for (const column of ['hasResult', 'restedMs']) await schema.alterTable('jobs').dropColumn(column).execute();
}
