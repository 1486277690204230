import type { JobRecord } from '../job/record';

/** What a person or a program is told of a job. */
export const JOB_EVENTS = ['job.parked', 'job.undecided', 'job.succeeded', 'job.failed', 'job.cancelled'] as const;
export type JobEvent = (typeof JOB_EVENTS)[number];

export const CHANNELS = ['mail', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** @param eventId begins with `<jobId>-` */
export const deliveryWorkflowId = (channel: Channel, eventId: string): string => `${channel}-${eventId}`;

/** The event that a record's state stands for; null where nobody is told. */
export function jobEvent({ state, waiting }: JobRecord): JobEvent | null {
  switch (state) {
    case 'parked':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return `job.${state}`;
    case 'waiting':
      return waiting?.for === 'decision' ? 'job.undecided' : null;
    default:
      return null;
  }
}

/** `jobs/<id>/deliveries/<channel>-<eventId>.json`: how one notification ended. Never an address. */
export interface DeliveryRecord {
  readonly eventId: string;
  readonly event: JobEvent;
  readonly channel: Channel;
  /** `rejected`: refused for good; `expired`: not taken in the time that it is tried. */
  readonly status: 'delivered' | 'rejected' | 'expired';
  /** What the other side said; null where it took it without a word. */
  readonly detail: string | null;
  readonly at: string;
}

/** A delivery as it is kept: `returned` is a mail that was taken and came back, which the server learns later. */
export interface KeptDelivery extends Omit<DeliveryRecord, 'status'> {
  readonly status: DeliveryRecord['status'] | 'returned';
}
