import type { Selectable } from 'kysely';
import type { Db } from './database';
import { jsonText, wordsIn } from './json-text';
import type { ChangeRegistered, RegisteredId } from './registry/registered';
import type { Tables } from './tables';

/** An address of a tenant that events are posted to. Its secret derives from the master key, the id and the generation. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  /** Events that it is told; the use cases know which there are. */
  readonly events: readonly string[];
  /** Counted from 1; one more with each rotation of the secret. */
  readonly secretGeneration: number;
  readonly createdAtMs: number;
  /** Null while it is used. */
  readonly disabledAtMs: number | null;
}

export interface WebhookEndpoints {
  create(endpoint: Omit<WebhookEndpoint, 'secretGeneration' | 'disabledAtMs'>): Promise<WebhookEndpoint>;
  /** In the order in which they were made. */
  list(tenant: string): Promise<readonly WebhookEndpoint[]>;
  find(tenant: string, id: string): Promise<WebhookEndpoint | null>;
  /** The endpoint after the change; null where the tenant has no such endpoint. */
  update(
    tenant: string,
    id: string,
    changes: Partial<Pick<WebhookEndpoint, 'url' | 'events' | 'disabledAtMs'>>,
  ): Promise<WebhookEndpoint | null>;
  /** The endpoint with its next secret; null where the tenant has no such endpoint. */
  rotateSecret(tenant: string, id: string): Promise<WebhookEndpoint | null>;
  /** False where the tenant has no such endpoint. */
  remove(tenant: string, id: string): Promise<boolean>;
}

const registered = (tenant: string, id: string): RegisteredId => ({ kind: 'endpoints', tenant, jobId: '', id });

const isText = (value: unknown): value is string => typeof value === 'string';

const fromRow = (row: Selectable<Tables['webhookEndpoints']>): WebhookEndpoint => ({
  ...row,
  events: wordsIn(row.events, isText),
});

export function createWebhookEndpoints(db: Db, change: ChangeRegistered): WebhookEndpoints {
  return {
    create: (endpoint) =>
      change(registered(endpoint.tenant, endpoint.id), async (within) => {
        const row = { ...endpoint, events: jsonText(endpoint.events), secretGeneration: 1, disabledAtMs: null };
        return fromRow(
          await within.insertInto('webhookEndpoints').values(row).returningAll().executeTakeFirstOrThrow(),
        );
      }),

    async list(tenant) {
      const ofTenant = db.selectFrom('webhookEndpoints').selectAll().where('tenant', '=', tenant);
      return (await ofTenant.orderBy('createdAtMs').orderBy('id').execute()).map(fromRow);
    },

    async find(tenant, id) {
      const found = db.selectFrom('webhookEndpoints').selectAll().where('tenant', '=', tenant).where('id', '=', id);
      const row = await found.executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },

    update: (tenant, id, { events, ...changes }) =>
      change(registered(tenant, id), async (within) => {
        const row = await within
          .updateTable('webhookEndpoints')
          .set({ id, ...changes, ...(events !== undefined && { events: jsonText(events) }) })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? null : fromRow(row);
      }),

    rotateSecret: (tenant, id) =>
      change(registered(tenant, id), async (within) => {
        const row = await within
          .updateTable('webhookEndpoints')
          .set(({ eb }) => ({ secretGeneration: eb('secretGeneration', '+', 1) }))
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? null : fromRow(row);
      }),

    remove: (tenant, id) =>
      change(registered(tenant, id), async (within) => {
        const { numDeletedRows } = await within
          .deleteFrom('webhookEndpoints')
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        return numDeletedRows === 1n;
      }),
  };
}
