import type { JobRecord } from '../job/record';
import { iso, jobLinks, recordView, type RecordView } from '../job/view';
import type { JobEvent } from './notifications';

/**
 * What a webhook's body says: what happened, and what the job's record says of it (`statusUrl` has the rest). Never the
 * mail address of the person who sent the photos. Times are ISO 8601.
 */
export interface WebhookEvent {
  /** The same at every try: a receiver that has seen it need do nothing. */
  readonly id: string;
  readonly type: JobEvent;
  readonly createdAt: string;
  readonly job: RecordView & { readonly statusUrl: string };
}

/** The event that a record stands for; the same record gives the same event, to the byte. */
export function webhookEvent(record: JobRecord, id: string, type: JobEvent, publicUrl: string): WebhookEvent {
  const links = jobLinks({ publicUrl });
  const job = { ...recordView(record, links), statusUrl: links.status(record.jobId) };
  return { id, type, createdAt: iso(record.updatedAtMs), job };
}
