import { sql, type Kysely } from 'kysely';
import { MIGRATIONS, migrate, migrateBack } from '../../../server/storage/migrations/migrate';
import { createStorage } from '../../../server/storage/storage';
import { onBothEngines } from '../../helpers/storage/engines';

onBothEngines((engine) => {
  /** Tables with their columns, and indexes, without the order in which columns were added. */
  async function schemaOf(db: Kysely<unknown>): Promise<object> {
    const tables = await db.introspection.getTables();
    const indexes =
      engine.kind === 'sqlite'
        ? sql<{ text: string }>`select sql as text from sqlite_master where type = 'index' and sql is not null`
        : sql<{ text: string }>`select indexdef as text from pg_indexes where schemaname = 'public'`;
    const { rows } = await indexes.execute(db);
    return {
      tables: Object.fromEntries(
        tables.map(({ name, columns }) => [
          name,
          columns
            .map((column) => `${column.name} ${column.dataType} ${column.isNullable} ${column.hasDefaultValue}`)
            .sort(),
        ]),
      ),
      indexes: rows.map(({ text }) => text).sort(),
    };
  }

  test('each change of the tables can be taken back and made again: nothing is left over or missing, and what they hold stays', async () => {
    const database = await engine.newDatabase();
    const db = database.db as Kysely<unknown>;
    const newest = await schemaOf(db);
    const { tenants } = createStorage(database.db);
    const tenant = { id: 'north', name: 'North', limits: { jobs: 3 }, monthlyBudgetUsd: 12.5, createdAtMs: 1000 };
    await tenants.create({ ...tenant, alertEmail: null, closedAtMs: null });

    const [first = '', ...changes] = Object.keys(MIGRATIONS);
    for (const change of changes.toReversed()) {
      const after = await schemaOf(db);
      expect(await migrateBack(db)).toBe(change);
      expect(await schemaOf(db)).not.toEqual(after);
    }
    await expect(migrateBack(db)).rejects.toThrow('no change of the tables that could be taken back');
    // What a change adds it could not add twice, and what was taken back with it by mistake would be missing now.
    expect([first, ...(await migrate(db))]).toEqual(Object.keys(MIGRATIONS));
    expect(await schemaOf(db)).toEqual(newest);
    expect(await tenants.find('north')).toMatchObject(tenant);
  });

  test('a change by a newer version is not taken back by this one', async () => {
    const { db } = await engine.newDatabase();
    await sql`insert into kysely_migration (name, timestamp) values ('0099-later', '2030-01-01T00:00:00Z')`.execute(db);
    await expect(migrateBack(db as Kysely<unknown>)).rejects.toThrow('a newer version of Spaceport');
  });
});
