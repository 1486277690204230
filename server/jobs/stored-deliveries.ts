import { z } from 'zod';
import { JOB_EVENTS, type DeliveryRecord } from '../../contracts/messages/notifications';

const deliveryRecord = z.object({
  eventId: z.string(),
  event: z.enum(JOB_EVENTS),
  channel: z.enum(['mail', 'webhook']),
  status: z.enum(['delivered', 'rejected', 'expired']),
  detail: z.string().nullable(),
  at: z.iso.datetime({ offset: true }),
}) satisfies z.ZodType<DeliveryRecord>;

/** The delivery records among what was read, oldest first; what is none is left out. */
export const parseDeliveries = (found: readonly unknown[]): DeliveryRecord[] =>
  found
    .flatMap((value) => {
      const parsed = deliveryRecord.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    })
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
