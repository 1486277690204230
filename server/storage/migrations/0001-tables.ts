import type { Kysely } from 'kysely';

/** The first tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await people(db.schema);
  await thingsOfJobs(db.schema);
  await index(db.schema);
}

type Schema = Kysely<unknown>['schema'];

async function people(schema: Schema): Promise<void> {
  await schema
    .createTable('tenants')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('limits', 'text', (column) => column.notNull())
    .addColumn('monthlyBudgetUsd', 'double precision')
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('closedAtMs', 'bigint')
    .execute();
  await schema
    .createTable('keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('prefix', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('expiresAtMs', 'bigint')
    .addColumn('revokedAtMs', 'bigint')
    .addColumn('lastUsedAtMs', 'bigint')
    .execute();
  await schema.createIndex('keysOfTenant').on('keys').columns(['tenant', 'createdAtMs']).execute();
  await schema
    .createTable('sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('keyId', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('expiresAtMs', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('sessionsOfKey').on('sessions').columns(['keyId']).execute();
  await schema.createIndex('sessionsByEnd').on('sessions').columns(['expiresAtMs']).execute();
  await schema
    .createTable('webhookEndpoints')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('events', 'text', (column) => column.notNull())
    .addColumn('secretGeneration', 'bigint', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('disabledAtMs', 'bigint')
    .execute();
  await schema.createIndex('webhookEndpointsOfTenant').on('webhookEndpoints').columns(['tenant']).execute();
  await schema
    .createTable('idempotency')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('route', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('status', 'bigint')
    .addColumn('body', 'text')
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotencyKey', ['tenant', 'route', 'key'])
    .execute();
  await schema.createIndex('idempotencyByAge').on('idempotency').columns(['createdAtMs']).execute();
}

async function thingsOfJobs(schema: Schema): Promise<void> {
  await schema
    .createTable('shares')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('jobId', 'text', (column) => column.notNull())
    .addColumn('tokenHash', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('shows', 'text', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('expiresAtMs', 'bigint')
    .addColumn('revokedAtMs', 'bigint')
    .execute();
  await schema.createIndex('sharesOfJob').on('shares').columns(['tenant', 'jobId']).execute();
  await schema
    .createTable('annotations')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('jobId', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('updatedAtMs', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('annotationsKey', ['tenant', 'jobId', 'id'])
    .execute();
}

async function index(schema: Schema): Promise<void> {
  await schema
    .createTable('jobs')
    .addColumn('jobId', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('stage', 'text')
    .addColumn('preset', 'text', (column) => column.notNull())
    .addColumn('input', 'text')
    .addColumn('photos', 'bigint')
    .addColumn('costUsd', 'double precision', (column) => column.notNull())
    .addColumn('billedSeconds', 'double precision', (column) => column.notNull())
    .addColumn('failureCode', 'text')
    .addColumn('failureMessage', 'text')
    .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
    .addColumn('updatedAtMs', 'bigint', (column) => column.notNull())
    .addColumn('endedAtMs', 'bigint')
    .addColumn('erasedAtMs', 'bigint')
    .addColumn('searchText', 'text')
    .addColumn('digest', 'text', (column) => column.notNull())
    .execute();
  // With everything that a search looks at: one that finds nothing reads this index and not the table.
  await schema
    .createIndex('jobsOfTenant')
    .on('jobs')
    .columns(['tenant', 'createdAtMs', 'jobId', 'erasedAtMs', 'searchText'])
    .execute();
  await schema.createIndex('jobsByState').on('jobs').columns(['tenant', 'state', 'createdAtMs', 'jobId']).execute();
  await schema
    .createTable('attempts')
    .addColumn('jobId', 'text', (column) => column.notNull())
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('part', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('preset', 'text', (column) => column.notNull())
    .addColumn('instanceType', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('photos', 'bigint')
    .addColumn('billedSeconds', 'double precision', (column) => column.notNull())
    .addColumn('costUsd', 'double precision', (column) => column.notNull())
    .addColumn('startedAtMs', 'bigint')
    .addColumn('endedAtMs', 'bigint')
    .addPrimaryKeyConstraint('attemptsKey', ['jobId', 'stage', 'part', 'attempt'])
    .execute();
  await schema.createIndex('attemptsByDay').on('attempts').columns(['tenant', 'endedAtMs']).execute();
  await schema
    .createIndex('attemptsAlike')
    .on('attempts')
    .columns(['preset', 'stage', 'status', 'endedAtMs'])
    .execute();
  await schema
    .createTable('leases')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('expiresAtMs', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('registryChanges')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('jobId', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('registryChangesKey', ['kind', 'tenant', 'jobId', 'id'])
    .execute();
}
