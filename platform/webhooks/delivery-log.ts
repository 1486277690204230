import { z } from 'zod';
import { JOB_EVENTS } from '../../contracts/messages/notifications';
import { layout } from '../../contracts/storage/layout';
import {
  DELIVERY_STATUSES,
  timePrefix,
  type DeliveryRef,
  type EndpointDelivery,
} from '../../contracts/webhooks/delivery';
import {
  changeJson,
  deleteFolder,
  deleteKeys,
  keysAfter,
  readJson,
  unlessChanged,
  writeJson,
  type BucketDeps,
} from '../s3-objects';

/** Deliveries to the endpoints of tenants, an object each, and the bodies of what they are told. */
export interface DeliveryLog {
  /** Writes a new one; harmless where it is there. */
  create(tenant: string, endpointId: string, delivery: EndpointDelivery, signal?: AbortSignal): Promise<void>;
  find(ref: DeliveryRef, signal?: AbortSignal): Promise<EndpointDelivery | null>;
  /** The delivery after the change; null where there is none. Of two changes at once neither is lost. */
  change(
    ref: DeliveryRef,
    change: (delivery: EndpointDelivery) => EndpointDelivery,
    signal?: AbortSignal,
  ): Promise<EndpointDelivery | null>;
  /** The newest first. @param after the last delivery of the page before */
  page(
    place: {
      readonly tenant: string;
      readonly endpointId: string;
      readonly after: string | null;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<{ readonly deliveries: readonly EndpointDelivery[]; readonly isLast: boolean }>;
  /** Removes up to a thousand that are older than this. */
  prune(tenant: string, endpointId: string, beforeMs: number, signal?: AbortSignal): Promise<void>;
  /** Removes all of an endpoint. */
  removeAll(tenant: string, endpointId: string, signal?: AbortSignal): Promise<void>;
  /** What was said of a job; null where the job was erased. */
  body(jobId: string, eventId: string, signal?: AbortSignal): Promise<string | null>;
  keepBody(jobId: string, eventId: string, body: string, signal?: AbortSignal): Promise<void>;
}

const STORED: z.ZodType<EndpointDelivery> = z.object({
  version: z.literal(1),
  deliveryId: z.string(),
  eventId: z.string(),
  event: z.enum([...JOB_EVENTS, 'webhook.test']),
  jobId: z.string().nullable(),
  status: z.enum(DELIVERY_STATUSES),
  createdAt: z.string(),
  tries: z.array(z.object({ at: z.string(), statusCode: z.number().nullable(), detail: z.string() })),
  nextTryAt: z.string().nullable(),
  body: z.string().nullable(),
});
const STORED_BODY = z.object({ body: z.string() });

export function createDeliveryLog({ s3, bucket }: BucketDeps): DeliveryLog {
  const placeOf = ({ tenant, endpointId, deliveryId }: DeliveryRef) => ({
    bucket,
    key: layout.endpointDelivery(tenant, endpointId, deliveryId),
  });
  const read = async (key: string, signal?: AbortSignal): Promise<EndpointDelivery | null> => {
    const stored = await readJson(s3, { bucket, key }, signal);
    return stored === null ? null : STORED.parse(stored.value);
  };

  return {
    async create(tenant, endpointId, delivery, signal) {
      const place = placeOf({ tenant, endpointId, deliveryId: delivery.deliveryId });
      await unlessChanged(writeJson(s3, place, delivery, signal, { IfNoneMatch: '*' }));
    },

    find: (ref, signal) => read(placeOf(ref).key, signal),

    change: (ref, change, signal) =>
      changeJson(s3, placeOf(ref), (stored) => (stored === null ? null : change(STORED.parse(stored))), signal),

    async page({ tenant, endpointId, after, limit }, signal) {
      const folder = layout.endpointDeliveries(tenant, endpointId);
      const start = after === null ? folder : placeOf({ tenant, endpointId, deliveryId: after }).key;
      const { keys, isLast } = await keysAfter({ s3, bucket }, folder, start, limit, signal);
      const found = await Promise.all(keys.map((key) => read(key, signal)));
      return { deliveries: found.filter((delivery) => delivery !== null), isLast };
    },

    async prune(tenant, endpointId, beforeMs, signal) {
      const folder = layout.endpointDeliveries(tenant, endpointId);
      const { keys } = await keysAfter({ s3, bucket }, folder, `${folder}${timePrefix(beforeMs)}`, 1000, signal);
      if (keys.length > 0) await deleteKeys({ s3, bucket }, keys, signal);
    },

    async removeAll(tenant, endpointId, signal) {
      await deleteFolder({ s3, bucket }, layout.endpointDeliveries(tenant, endpointId), signal);
    },

    async body(jobId, eventId, signal) {
      const stored = await readJson(s3, { bucket, key: layout.eventBody(jobId, eventId) }, signal);
      return stored === null ? null : STORED_BODY.parse(stored.value).body;
    },

    async keepBody(jobId, eventId, body, signal) {
      await writeJson(s3, { bucket, key: layout.eventBody(jobId, eventId) }, { body }, signal);
    },
  };
}
