import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../database';
import type { Tables } from '../tables';
import { isOfJob, REGISTERED, REGISTERED_KINDS, type RegisteredId, type RegisteredKind } from './registered';

/** A row as S3 holds it: its columns in the order of `REGISTERED`. */
export type RegisteredRow = Readonly<Record<string, string | number | null>>;

const TABLE: Readonly<Record<RegisteredKind, keyof Tables>> = {
  tenants: 'tenants',
  keys: 'keys',
  endpoints: 'webhookEndpoints',
  shares: 'shares',
  annotations: 'annotations',
};

const tableOf = (kind: RegisteredKind): RawBuilder<unknown> => sql.table(TABLE[kind]);
const columnsOf = (kind: RegisteredKind): string[] => Object.keys(REGISTERED[kind].shape);
const list = (parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql.join(parts, sql`, `);

/** The condition that only the row of this thing meets. */
function isRowOf({ kind, tenant, jobId, id }: RegisteredId): RawBuilder<boolean> {
  const conditions = [
    sql`${sql.ref('id')} = ${id}`,
    ...(kind === 'tenants' ? [] : [sql`${sql.ref('tenant')} = ${tenant}`]),
    ...(isOfJob(kind) ? [sql`${sql.ref('jobId')} = ${jobId}`] : []),
  ];
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** Null where the database has no such thing. */
export async function readRow(db: Db, what: RegisteredId): Promise<RegisteredRow | null> {
  const columns = list(columnsOf(what.kind).map((column) => sql.ref(column)));
  const query = sql<RegisteredRow>`select ${columns} from ${tableOf(what.kind)} where ${isRowOf(what)}`;
  const [row] = (await query.execute(db)).rows;
  return row === undefined ? null : REGISTERED[what.kind].parse(row);
}

/** Puts a row in the place of the one that is there; null only takes that away. Within a transaction. */
export async function writeRow(within: Db, what: RegisteredId, row: RegisteredRow | null): Promise<void> {
  const table = tableOf(what.kind);
  await sql`delete from ${table} where ${isRowOf(what)}`.execute(within);
  if (row === null) return;
  const columns = list(Object.keys(row).map((column) => sql.ref(column)));
  await sql`insert into ${table} (${columns}) values (${list(Object.values(row).map((value) => sql`${value}`))})`.execute(
    within,
  );
}

/** Ids of all registered things that the database has. */
export async function allIds(db: Db): Promise<RegisteredId[]> {
  const ids: RegisteredId[] = [];
  for (const kind of REGISTERED_KINDS) {
    const tenant = sql.ref(kind === 'tenants' ? 'id' : 'tenant');
    const jobId = isOfJob(kind) ? sql.ref('jobId') : sql`''`;
    const query = sql<Omit<RegisteredId, 'kind'>>`
      select id, ${tenant} as ${sql.ref('tenant')}, ${jobId} as ${sql.ref('jobId')} from ${tableOf(kind)}`;
    ids.push(...(await query.execute(db)).rows.map((row) => ({ kind, ...row })));
  }
  return ids;
}

/** The row that an object of S3 holds, if it is that of this thing; null where it is not. */
export function rowIn(what: RegisteredId, object: unknown): RegisteredRow | null {
  const row: RegisteredRow | undefined = REGISTERED[what.kind].safeParse(object).data;
  if (row === undefined) return null;
  const isOfThing =
    row.id === what.id && (row.tenant ?? what.tenant) === what.tenant && (row.jobId ?? what.jobId) === what.jobId;
  return isOfThing ? row : null;
}

export const isSameRow = (a: RegisteredRow | null, b: RegisteredRow | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
