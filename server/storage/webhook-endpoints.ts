import type { Selectable } from 'kysely';
import { formerSecretsIn, type FormerSecret } from '../../contracts/webhooks/registered-endpoint-schema';
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
  /** Replaced secrets that sign beside it, the newest first. */
  readonly formerSecrets: readonly FormerSecret[];
  readonly createdAtMs: number;
  /** Null while it is used. */
  readonly disabledAtMs: number | null;
}

export interface WebhookEndpoints {
  create(
    endpoint: Omit<WebhookEndpoint, 'secretGeneration' | 'formerSecrets' | 'disabledAtMs'>,
  ): Promise<WebhookEndpoint>;
  /** In the order in which they were made. */
  list(tenant: string): Promise<readonly WebhookEndpoint[]>;
  find(tenant: string, id: string): Promise<WebhookEndpoint | null>;
  /** The endpoint after the change; null where the tenant has no such endpoint. */
  update(
    tenant: string,
    id: string,
    changes: Partial<Pick<WebhookEndpoint, 'url' | 'events' | 'disabledAtMs'>>,
  ): Promise<WebhookEndpoint | null>;
  /**
   * The endpoint with its next secret; null where the tenant has no such endpoint.
   * @param oldUntilMs until when all earlier secrets sign too, at most
   */
  rotateSecret(tenant: string, id: string, nowMs: number, oldUntilMs: number): Promise<WebhookEndpoint | null>;
  /** False where the tenant has no such endpoint. */
  remove(tenant: string, id: string): Promise<boolean>;
}

/** A header holds a signature for each. */
const MAX_FORMER_SECRETS = 4;

const registered = (tenant: string, id: string): RegisteredId => ({ kind: 'endpoints', tenant, jobId: '', id });

const isText = (value: unknown): value is string => typeof value === 'string';

const fromRow = (row: Selectable<Tables['webhookEndpoints']>): WebhookEndpoint => ({
  ...row,
  events: wordsIn(row.events, isText),
  formerSecrets: formerSecretsIn(row.formerSecrets),
});

export function createWebhookEndpoints(db: Db, change: ChangeRegistered): WebhookEndpoints {
  return {
    create: (endpoint) =>
      change(registered(endpoint.tenant, endpoint.id), async (within) => {
        const row = {
          ...endpoint,
          events: jsonText(endpoint.events),
          secretGeneration: 1,
          formerSecrets: '[]',
          disabledAtMs: null,
        };
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

    rotateSecret: (tenant, id, nowMs, oldUntilMs) =>
      change(registered(tenant, id), async (within) => {
        for (;;) {
          const known = await within
            .selectFrom('webhookEndpoints')
            .select(['secretGeneration', 'formerSecrets'])
            .where('tenant', '=', tenant)
            .where('id', '=', id)
            .executeTakeFirst();
          if (known === undefined) return null;
          const { secretGeneration: generation } = known;
          const former = [{ generation, untilMs: oldUntilMs }, ...formerSecretsIn(known.formerSecrets)]
            .map((secret) => ({ ...secret, untilMs: Math.min(secret.untilMs, oldUntilMs) }))
            .filter(({ untilMs }) => untilMs > nowMs)
            .slice(0, MAX_FORMER_SECRETS);
          const row = await within
            .updateTable('webhookEndpoints')
            .set({ secretGeneration: generation + 1, formerSecrets: jsonText(former) })
            .where('id', '=', id)
            .where('secretGeneration', '=', generation)
            .returningAll()
            .executeTakeFirst();
          // None where another rotation came in between: this one comes after it.
          if (row !== undefined) return fromRow(row);
        }
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
