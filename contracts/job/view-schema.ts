import { z } from 'zod';
import { FAILURES, type FailureCode } from './failures';
import { photoFit, QUALITY } from './record-schema';
import { JOB_STATES, STEP_TITLE, WAITS_FOR, type Step } from './state';
import type { StageMetrics } from '../generated/reports';
import { COMPARED_ESTIMATE } from '../estimates/estimate-schema';
import { isRecord } from '../messages/parsed';
import { CAPACITIES } from '../machines/capacity';
import { CHANNELS, JOB_EVENTS } from '../messages/notifications';
import { PRIORITY } from '../messages/settings';
import { PRESETS } from '../stages/presets';
import { byStage, STAGES, type Stage } from '../stages/stage';
import { list, object } from '../messages/read-only';

/**
 * What the API shows of jobs. The types that server, pages, mails, webhooks and CLI use are those of these schemas
 * (contracts/job/view), and so is what the OpenAPI document says of them. `generated` marks metrics, whose schema comes
 * from the containers (contracts/generated).
 */

/** ISO 8601 with milliseconds, in UTC. */
const time = z.iso.datetime();
const priority = z
  .int()
  .min(PRIORITY.first)
  .max(PRIORITY.last)
  .describe('Whose work is taken first while several jobs wait for the same workers: 1 before 5');
const startAt = time.nullable().describe('Before which the job does not begin; null = at once');
const count = z.int().min(0);
const usd = z.number().min(0).describe('USD');
const url = z.string().describe('URL');
const jobId = z.string().describe('Names the job for ever');
const stage = z.enum(STAGES);
const failureCode = z.enum(Object.keys(FAILURES) as FailureCode[]);
const failure = object({ code: failureCode, message: z.string(), advice: z.string() }).meta({ id: 'Failure' });
export const FAILURE_REASON = object({ code: failureCode, message: z.string() }).meta({ id: 'FailureReason' });
export const jobState = z
  .enum(JOB_STATES)
  .meta({ id: 'JobState', description: '`parked`: failed, and a retry within the deadline resumes from there' });

export const STARTED_JOB = object({
  jobId,
  workflowId: z.string().describe("Of the job's workflow in Temporal"),
  statusUrl: url,
  pageUrl: url,
  workflowUrl: url.nullable().describe("The workflow in Temporal's Web UI; null where there is none"),
}).meta({ id: 'StartedJob' });

const stageProgress = object({
  stage,
  phase: z.string().nullable(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  fraction: z.number().min(0).max(1).nullable().describe('Of the phase'),
  metrics: z.record(z.string(), z.union([z.number(), z.string()])).readonly(),
  status: z.string().describe("SageMaker's word for it"),
  startedAt: time.nullable(),
}).meta({ id: 'StageProgress', description: 'Progress of the running machine job' });

const attempt = object({
  stage,
  attempt: z.int().min(1),
  jobName: z.string().describe("The machine job's name in SageMaker"),
  instanceType: z.string(),
  status: z.enum(['Running', 'Completed', 'Failed', 'Stopped']),
  capacity: z.enum(CAPACITIES),
  costUsd: usd,
  savedUsd: usd.describe('What it has cost less than on demand'),
  failure: FAILURE_REASON.nullable(),
  seconds: z.number().min(0).describe('Billed; so far, while it runs'),
}).meta({ id: 'Attempt', description: 'One machine job: a line of the ledger' });

const timeLeft = object({ lowSeconds: z.number().min(0), highSeconds: z.number().min(0) }).meta({ id: 'TimeLeft' });

const { unfitted } = photoFit.unwrap().shape;
const fit = object({
  ...photoFit.unwrap().shape,
  unfitted: list(
    object({
      ...unfitted.unwrap().element.unwrap().omit({ thumbnail: true }).shape,
      thumbnailUrl: url.nullable(),
    }),
  ).describe('The first 200 photos that did not fit, and why'),
  advice: z.string().nullable().describe('What to do about them, of a result that was not accepted'),
}).meta({ id: 'PhotoFit' });

const delivery = object({
  eventId: z.string(),
  event: z.enum(JOB_EVENTS),
  channel: z.enum(CHANNELS),
  status: z
    .enum(['delivered', 'rejected', 'expired', 'returned'])
    .describe('`expired`: not taken in the time that it is tried; `returned`: a mail that was taken and came back'),
  detail: z.string().nullable().describe('What the other side said; null where it took it without a word'),
  at: z.iso.datetime({ offset: true }),
}).meta({ id: 'Delivery', description: 'How one mail or webhook ended' });

const metrics = <S extends Stage>(of: S) => z.custom<StageMetrics[S]>(isRecord).meta({ generated: of }).exactOptional();

const tookSeconds = z
  .number()
  .nullable()
  .describe('From start to end, without the time between an end and a retry; null before the end');

export const JOB_VIEW = object({
  jobId,
  name: z.string().describe('What people call the job: as asked for, else by the place of its photos'),
  priority,
  startAt,
  workflowId: z.string(),
  batchId: z.string().nullable().describe('The batch that it is one of'),
  state: jobState,
  step: z.enum(Object.keys(STEP_TITLE) as [Step, ...Step[]]).nullable(),
  preset: z.enum(PRESETS),
  input: z.string().describe('`s3://…` that the photos came from'),
  stageProgress: stageProgress.nullable(),
  photos: object({
    accepted: count,
    rejected: list(object({ name: z.string(), reason: z.string() })).describe('The first that are not used, and why'),
    leftOut: count,
  }).nullable(),
  estimate: COMPARED_ESTIMATE.nullable().describe('Null before the photos are counted, and of jobs of before'),
  timeLeft: timeLeft
    .nullable()
    .describe('Until the result is published; null where nobody knows, as while the job waits'),
  attempts: list(attempt),
  quality: QUALITY.describe(
    'How the quality of the scene has grown in the training that runs, or ran last: averages, some 60 points at most',
  ),
  previewUrl: url
    .nullable()
    .describe(
      'A picture of the scene as it is being trained, which may not be there yet; null before, and with a result',
    ),
  previewSceneUrl: url
    .nullable()
    .describe(
      'The scene itself after 10, 30 and 60 % of training, a `.sog`, which may not be there yet; null likewise',
    ),
  costUsd: usd,
  stages: object(byStage(metrics) as { [S in Stage]: ReturnType<typeof metrics<S>> }).describe(
    'Metrics of the stages whose result was accepted',
  ),
  fit: fit.nullable().describe('Which photos fitted together, also of a result that was not accepted'),
  failure: failure.nullable(),
  parkedUntil: time.nullable().describe('Until when a parked job waits for a retry'),
  waiting: object({
    for: z.enum(WAITS_FOR),
    message: z.string(),
    since: time,
    until: time.nullable().describe('When the waiting ends by itself'),
  })
    .nullable()
    .describe('Set while the state is `waiting`'),
  pauseRequested: z.boolean().describe('The next stage does not start before `resume`'),
  budget: object({ budgetUsd: usd.nullable(), maxHours: z.number().nullable() }),
  capacity: z.enum(CAPACITIES).describe('How the machine of training is rented'),
  cancelled: object({ reason: z.string(), by: z.string(), at: time }).nullable(),
  deliveries: list(delivery).describe('How mails and webhooks went; those under way are not here yet'),
  notice: z.string().nullable().describe('A message that could not be followed, and why; or what the job waits for'),
  filesDeleted: object({ intermediates: time.nullable(), results: time.nullable() })
    .nullable()
    .describe('When files were deleted because the time that they are kept for was over'),
  result: object({
    pageUrl: url,
    sogUrl: url.nullable(),
    plyUrl: url.nullable(),
    files: list(object({ name: z.string(), bytes: z.number(), url })),
  })
    .nullable()
    .describe(
      'What is published: also while a job that has succeeded makes other files, and where it did not come to them',
    ),
  pageUrl: url,
  workflowUrl: url.nullable(),
  createdAt: time,
  updatedAt: time,
  endedAt: time.nullable(),
  tookSeconds,
}).meta({ id: 'Job', description: 'Everything but the address of the person who sent the photos' });

export const JOB_LIST_ENTRY = object({
  jobId,
  workflowId: z.string(),
  name: z.string(),
  batchId: z.string().nullable().describe('The batch that it is one of'),
  state: jobState,
  stage: z.string().nullable().describe('The step that it is at, or was at last; null before the first'),
  preset: z.string(),
  input: z.string().describe('`s3://…` that the photos came from'),
  priority,
  startAt,
  photos: count.nullable().describe('Photos that intake took; null before it has'),
  costUsd: usd,
  failure: FAILURE_REASON.nullable(),
  createdAt: time,
  endedAt: time.nullable(),
  tookSeconds,
  waitsFor: z.enum(WAITS_FOR).nullable().describe('Set while the state is `waiting`'),
  hasResult: z.boolean().describe('Whether a scene of it is published'),
  pageUrl: url,
}).meta({ id: 'JobListEntry', description: 'A job as a list tells it: up to 5 s behind the job itself' });

export const JOB_LIST = object({
  jobs: list(JOB_LIST_ENTRY).describe('The newest first'),
  nextCursor: z.string().nullable().describe('`cursor` of the next page; null on the last one'),
}).meta({ id: 'JobList' });

export const ACCEPTED_MESSAGE = object({
  jobId,
  state: jobState.describe('The state that follows'),
  note: z.string().nullable().describe('That it changed nothing, or that it is followed later; else null'),
}).meta({ id: 'AcceptedMessage' });

export const ERASURE = object({
  jobId,
  state: jobState.describe('How the job had ended'),
  erasing: z.literal(true),
  remains: z.string().describe('What erasing does not reach, and how long it stays'),
}).meta({ id: 'Erasure' });

export type StartedJob = z.infer<typeof STARTED_JOB>;
export type StageProgress = z.infer<typeof stageProgress>;
export type TimeLeft = z.infer<typeof timeLeft>;
export type AttemptView = z.infer<typeof attempt>;
export type PhotoFitView = z.infer<typeof fit>;
export type JobView = z.infer<typeof JOB_VIEW>;
export type JobListEntry = z.infer<typeof JOB_LIST_ENTRY>;
export type JobList = z.infer<typeof JOB_LIST>;
export type AcceptedMessage = z.infer<typeof ACCEPTED_MESSAGE>;
export type Erasure = z.infer<typeof ERASURE>;
