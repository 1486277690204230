import { jobLinks } from '../job/links';
import { totalCostUsd, type JobRecord } from '../job/record';
import type { JobView } from '../job/view';
import type { JobEvent } from './notifications';

/**
 * What a webhook's body says: what happened, and the job as `GET /v1/jobs/:id` shows it (`statusUrl` has the rest).
 * Never the mail address of the person who sent the photos. Times are ISO 8601.
 */
export interface WebhookEvent {
  /** Same at every try: a receiver that has seen it need do nothing. */
  readonly id: string;
  readonly type: JobEvent;
  readonly createdAt: string;
  readonly job: Pick<
    JobView,
    'jobId' | 'state' | 'step' | 'costUsd' | 'failure' | 'parkedUntil' | 'waiting' | 'result' | 'pageUrl'
  > & {
    readonly statusUrl: string;
  };
}

/** The event that a record stands for; the same record gives the same event, to the byte. */
export function webhookEvent(record: JobRecord, id: string, type: JobEvent, publicUrl: string): WebhookEvent {
  const { jobId, state, step, failure, waiting, parkedUntilMs, result } = record;
  const pageUrl = jobLinks.page(publicUrl, jobId);
  return {
    id,
    type,
    createdAt: iso(record.updatedAtMs),
    job: {
      jobId,
      state,
      step,
      costUsd: totalCostUsd(record),
      failure,
      parkedUntil: isoOrNull(parkedUntilMs),
      waiting:
        waiting === null
          ? null
          : {
              for: waiting.for,
              message: waiting.message,
              since: iso(waiting.sinceMs),
              until: isoOrNull(waiting.untilMs),
            },
      result: result === null ? null : resultLinks(result, jobId, pageUrl, publicUrl),
      pageUrl,
      statusUrl: jobLinks.status(publicUrl, jobId),
    },
  };
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const isoOrNull = (milliseconds: number | null): string | null => (milliseconds === null ? null : iso(milliseconds));

function resultLinks(
  result: NonNullable<JobRecord['result']>,
  jobId: string,
  pageUrl: string,
  publicUrl: string,
): JobView['result'] {
  const files = result.files.map(({ name, bytes }) => ({
    name,
    bytes,
    url: jobLinks.artifact(publicUrl, jobId, name),
  }));
  const urlOf = (name: string): string | null => files.find((file) => file.name === name)?.url ?? null;
  return { pageUrl, sogUrl: urlOf('scene.sog'), plyUrl: urlOf('model.ply'), files };
}
