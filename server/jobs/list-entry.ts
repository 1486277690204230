import { isFailureCode } from '../../contracts/job/failures';
import { iso, type JobLinks, type JobListEntry } from '../../contracts/job/view';
import { workflowId } from '../../contracts/machines/names';
import type { IndexedJob } from '../storage/jobs/job-index';

/** A line of a list as people see it; a code that this version does not know is left out. */
export const listEntry = (
  { jobId, createdAtMs, endedAtMs, startAtMs, failure, ...job }: IndexedJob,
  links: JobLinks,
): JobListEntry => ({
  jobId,
  workflowId: workflowId(jobId),
  name: job.name,
  batchId: job.batchId,
  state: job.state,
  stage: job.stage,
  preset: job.preset,
  input: job.input,
  priority: job.priority,
  startAt: startAtMs === null ? null : iso(startAtMs),
  photos: job.photos,
  costUsd: job.costUsd,
  failure: failure !== null && isFailureCode(failure.code) ? { code: failure.code, message: failure.message } : null,
  createdAt: iso(createdAtMs),
  endedAt: endedAtMs === null ? null : iso(endedAtMs),
  tookSeconds: job.tookSeconds,
  waitsFor: job.waitsFor,
  hasResult: job.hasResult,
  pageUrl: links.page(jobId),
});
