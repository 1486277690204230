import { z } from 'zod';
import { isFailureCode, type FailureCode } from './failures';
import { JOB_STATES, STEP_TITLE, WAITS_FOR, type Step } from './state';
import { CAPACITIES } from '../machines/capacity';
import { CALIBRATION, ESTIMATE } from '../estimates/estimate-schema';
import { isRecord } from '../messages/parsed';
import type { StageMetrics } from '../generated/reports';
import type { JobOptions } from '../stages/options';
import { PRESETS } from '../stages/presets';
import { STAGES, type Part, type Stage } from '../stages/stage';
import { list, object } from '../messages/read-only';

const text = z.string();
/** Milliseconds since 1970. */
const ms = z.number();
const stage = z.enum(STAGES);
const part: z.ZodType<Part> = z.int().min(0).nullable();
const code = z.custom<FailureCode>(isFailureCode, 'no failure code');
const why = object({ code, message: text });
const options = z.custom<JobOptions>(isRecord, 'expected an object');

/** A start request after validation. */
export const JOB_REQUEST = object({
  /** Whose job it is. */
  tenant: text,
  location: object({ bucket: text, key: text }),
  /** What people call the job; null = by the place of its photos (contracts/job/words). */
  name: text.nullable(),
  email: text,
  preset: z.enum(PRESETS),
  options,
  /** How long a failed job waits for a `retry`; 0 = it ends at once. */
  retryWindowSeconds: z.number(),
  /** Most that all machines of the job may cost together; null = no limit. */
  budgetUsd: z.number().nullable(),
  /** Most hours that machines may be billed for, all attempts together; null = no limit. */
  maxHours: z.number().nullable(),
  /** How the machines are rented whose work can go on after they were taken away. */
  capacity: z.enum(CAPACITIES),
  /** Where events of this job are posted to; null = nowhere. */
  webhookUrl: text.nullable(),
  /** The batch that the job is one of, and whether the job sends mails beside that one's; null = none. */
  batch: object({ id: text, mails: z.boolean() }).nullable(),
  /** From 1, which is taken first, to 5 (contracts/messages/settings). */
  priority: z.int(),
  /** Before which the job does not begin; null = at once. */
  startAtMs: ms.nullable(),
});

/** How the quality of a scene grew while it was trained: the points of contracts/stages/quality. */
export const QUALITY = list(
  object({
    iteration: z.number(),
    seconds: z.number().min(0).describe('Since the program of the machine began to work'),
    psnr: z.number().describe('dB, of photos that are trained on'),
    loss: z.number().nullable(),
  }),
);

const photos = object({
  accepted: z.int(),
  /** The first files that are not used, and why; the manifest has them all. */
  rejected: list(object({ name: text, reason: text })),
  /** How many files are not used. */
  leftOut: z.int(),
  bytes: z.number(),
  /** S3 key of the manifest that says of every file whether it is used, and why not. */
  manifest: text,
});

/** One machine job: a line of the ledger. */
const attempt = object({
  stage,
  part,
  attempt: z.int(),
  jobName: text,
  instanceType: text,
  status: z.enum(['Running', 'Completed', 'Failed', 'Stopped']),
  failure: why.nullable(),
  startedAtMs: ms.nullable(),
  endedAtMs: ms.nullable(),
  billedSeconds: z.number(),
  costUsd: z.number(),
  capacity: z.enum(CAPACITIES),
  /** What it has cost less than on demand. */
  savedUsd: z.number(),
  options,
  /** Rungs of the memory ladder that its settings had gone down; 0 = as asked for. */
  memoryStep: z.int(),
  /** MaxRuntimeInSeconds of its Create: the stage's cap, or what the budget left. */
  maxRuntimeSeconds: z.number(),
  /** The earlier attempt whose checkpoint it resumed from. */
  resumedFrom: z.int().nullable(),
  /** Missing where nothing told it: other stages, attempts of before, and those that were stopped. */
  quality: QUALITY.exactOptional(),
});

/** Which photos fitted together in SfM, and which did not (contracts/photos/fit). */
export const photoFit = object({
  photos: z.int(),
  registered: z.int(),
  /** Photos of each model that was found, the best one first. */
  parts: list(z.int()),
  /** The first photos without a place, and why; counts are null where they are not known. */
  unfitted: list(
    object({
      name: text,
      reason: text,
      features: z.int().nullable(),
      partners: z.int().nullable(),
      /** Path of its thumbnail below the attempt's artefacts. */
      thumbnail: text.nullable(),
    }),
  ),
  unfittedCount: z.int(),
  /** The first photos that SfM left out by itself, such as thermal ones and copies, and why. */
  leftOut: list(object({ name: text, reason: text })).exactOptional(),
  leftOutCount: z.int().exactOptional(),
});

/** Verdict of a gate on an attempt's result, and of a person where the gate asked. */
const gate = object({
  stage,
  part,
  attempt: z.int(),
  verdict: z.enum(['accepted', 'rejected', 'undecided']),
  failure: object({ code, message: text, advice: text.exactOptional() }).nullable(),
  atMs: ms,
  /** Of the newest result of SfM that was not accepted at once; an accepted one has its metrics. */
  fit: photoFit.nullable().exactOptional(),
  /** The person who accepted a result that the gate left open, and when. */
  acceptedBy: object({ by: text, atMs: ms }).nullable(),
});

/** The event that a `waiting` job waits for. */
const waiting = object({
  for: z.enum(WAITS_FOR),
  message: text,
  sinceMs: ms,
  /** When the waiting ends by itself; null = when it is told to. */
  untilMs: ms.nullable(),
});

/** An attempt whose result the next stage builds on. */
const accepted = object({
  stage,
  part,
  attempt: z.int(),
  jobName: text,
  metrics: z.custom<StageMetrics[Stage]>(isRecord, 'expected an object'),
});

/** `jobs/<id>/job.json`: outlives Temporal's retention; a later run resumes from it. */
export const RECORD = object({
  version: z.literal(1),
  jobId: text,
  state: z.enum(JOB_STATES),
  step: z.enum(Object.keys(STEP_TITLE) as [Step, ...Step[]]).nullable(),
  request: JOB_REQUEST,
  /** Digest of the request before retries changed it: compared with that of a repeated Idempotency-Key. */
  requestDigest: text.exactOptional(),
  createdAtMs: ms,
  updatedAtMs: ms,
  endedAtMs: ms.nullable(),
  /** Between an end and the retry that began the next run, all such times together. */
  restedMs: ms.exactOptional(),
  photos: photos.nullable(),
  /** How this deployment's machines compared with the model when the job was started. */
  calibration: CALIBRATION.exactOptional(),
  /** What the job was expected to take and cost, as soon as its photos were known; never changed after that. */
  estimate: ESTIMATE.exactOptional(),
  attempts: list(attempt),
  /** The parts of each stage that is not done for the whole scene at once. */
  parts: z.custom<{ readonly [S in Stage]?: readonly number[] }>(isRecord, 'expected an object'),
  /** One attempt for each stage and part that is done. */
  accepted: list(accepted),
  failure: object({ code, message: text, advice: text }).nullable(),
  /** Set while the state is `waiting`. */
  waiting: waiting.nullable(),
  /** A pause was asked for: the next stage does not start before `resume`. */
  pauseRequested: z.boolean(),
  gates: list(gate),
  /** Until when a parked job waits for a `retry`. */
  parkedUntilMs: ms.nullable(),
  cancelled: object({ reason: text, by: text, atMs: ms }).nullable(),
  /** A message to the job that could not be followed, and why. */
  notice: text.nullable(),
  /** Files of the result folder, once published. */
  result: object({ files: list(object({ name: text, bytes: z.number() })) }).nullable(),
  /** When files were given up because the time that they are kept for was over (contracts/storage/retention). */
  expiredAtMs: object({ intermediates: ms.nullable(), results: ms.nullable() }),
  /** Expired files are being deleted; upkeep resumes this where it was interrupted. */
  deleting: z.boolean(),
  /** When the job was erased: only a tombstone is left (contracts/storage/retention). */
  erasedAtMs: ms.nullable(),
});

export type JobRequest = z.infer<typeof JOB_REQUEST>;
export type PhotoSummary = z.infer<typeof photos>;
export type Attempt = z.infer<typeof attempt>;
export type PhotoFit = z.infer<typeof photoFit>;
export type GateResult = z.infer<typeof gate>;
export type Waiting = z.infer<typeof waiting>;
export type AcceptedAttempt<S extends Stage = Stage> = z.infer<typeof accepted> & {
  readonly stage: S;
  readonly metrics: StageMetrics[S];
};
export type JobRecord = z.infer<typeof RECORD>;
