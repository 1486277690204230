import { z } from 'zod';
import { JOB_STATES } from '../job/state';
import { FAILURE_REASON } from '../job/view-schema';
import { list, object } from '../messages/read-only';
import { CONCURRENCY, MAX_BATCH_JOBS } from './record';

/** What the API shows of batches; the types that server and clients use are those of these schemas. */

/** - `waiting`: nothing of it works; jobs wait for a machine or a person */
export const BATCH_STATES = ['running', 'waiting', 'cancelling', 'ended'] as const;
/** States of a member: `pending` = it is no job yet. */
export const MEMBER_STATES = ['pending', ...JOB_STATES] as const;

const time = z.iso.datetime();
const usd = z.number().min(0).describe('USD');
const count = z.int().min(0).max(MAX_BATCH_JOBS);
const batchId = z.string().describe('Names the batch for ever');
const url = z.string().describe('URL');
const batchState = z.enum(BATCH_STATES).meta({
  id: 'BatchState',
  description:
    '`waiting`: nothing of it works, and jobs wait for a machine or a person; `ended`: every job has, or was never started',
});

export const STARTED_BATCH = object({
  batchId,
  jobs: list(z.string()).describe('Ids of its jobs in the order of the request; each is a job once it has started'),
  statusUrl: url,
}).meta({ id: 'StartedBatch' });

const summary = {
  batchId,
  name: z.string().nullable(),
  state: batchState,
  jobs: count.describe('How many photo sets were asked for'),
  counts: object(
    Object.fromEntries(MEMBER_STATES.map((state) => [state, count])) as Record<
      (typeof MEMBER_STATES)[number],
      typeof count
    >,
  ).describe('Jobs by state; what was never started counts as cancelled once the batch was'),
  costUsd: usd.describe('USD of all jobs together'),
  createdAt: time,
  statusUrl: url,
};

export const BATCH_LIST = object({
  batches: list(object(summary).meta({ id: 'BatchListEntry' })).describe('The newest first'),
  nextCursor: z.string().nullable().describe('`cursor` of the next page; null on the last one'),
}).meta({ id: 'BatchList' });

const member = object({
  jobId: z.string(),
  name: z.string().nullable().describe('Null of an erased job, as is `input`'),
  input: z.string().nullable().describe('`s3://…` that the photos come from'),
  state: z.enum(MEMBER_STATES).meta({ id: 'MemberState', description: '`pending`: it is no job yet' }),
  costUsd: usd,
  failure: FAILURE_REASON.nullable(),
  erased: z.boolean(),
  statusUrl: url.nullable().describe('Null before it is a job, and of an erased one'),
  pageUrl: url.nullable(),
}).meta({ id: 'BatchMember', description: 'A job as its batch tells it: up to 5 s behind the job itself' });

export const BATCH_VIEW = object({
  ...summary,
  concurrency: z
    .int()
    .min(CONCURRENCY.minimum)
    .max(CONCURRENCY.maximum)
    .describe('Most jobs that work at the same time'),
  mailPerJob: z.boolean().describe('Whether each job sends mails of its own too'),
  cancelled: object({ reason: z.string(), by: z.string(), at: time }).nullable(),
  endedAt: time.nullable(),
  mail: object({
    status: z.enum(['delivered', 'rejected', 'expired']),
    detail: z.string().describe('What the mail server said'),
    at: time,
  })
    .nullable()
    .describe('How the last summary mail went'),
  members: list(member).describe('In the order of the request'),
}).meta({ id: 'Batch' });

export const ACCEPTED_BATCH_MESSAGE = object({
  batchId,
  state: batchState.describe('The state that follows'),
}).meta({ id: 'AcceptedBatchMessage' });

export type BatchState = z.infer<typeof batchState>;
export type StartedBatch = z.infer<typeof STARTED_BATCH>;
export type BatchCounts = z.infer<typeof BATCH_VIEW>['counts'];
export type BatchMemberView = z.infer<typeof member>;
export type BatchListEntry = z.infer<typeof BATCH_LIST>['batches'][number];
export type BatchList = z.infer<typeof BATCH_LIST>;
export type BatchView = z.infer<typeof BATCH_VIEW>;
export type AcceptedBatchMessage = z.infer<typeof ACCEPTED_BATCH_MESSAGE>;
