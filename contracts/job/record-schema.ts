import { z } from 'zod';
import { isFailureCode, type FailureCode } from './failures';
import type { JobRecord } from './record';
import { JOB_STATES, STEP_TITLE, WAITS_FOR, type Step } from './state';
import { completeRecord } from './stored-record';
import { isRecord } from '../messages/parsed';
import type { JobOptions } from '../stages/options';
import { PRESETS } from '../stages/presets';
import type { StageMetrics } from '../generated/reports';
import { STAGES, type Stage } from '../stages/stage';

/** A `job.json` that this version cannot work with; the message names the job and the fields. */
export class UnreadableRecordError extends Error {
  constructor(jobId: string, problems: string, options?: ErrorOptions) {
    super(`the record of job ${jobId} cannot be read: ${problems}`, options);
  }
}

const stage = z.enum(STAGES);
const part = z.int().min(0).nullable();
/** Milliseconds since 1970. */
const ms = z.number();
const why = z.looseObject({ code: z.custom<FailureCode>(isFailureCode, 'no failure code'), message: z.string() });
const options = z.custom<JobOptions>(isRecord, 'expected an object');

const attempt = z.looseObject({
  stage,
  part,
  attempt: z.int(),
  jobName: z.string(),
  instanceType: z.string(),
  status: z.enum(['Running', 'Completed', 'Failed', 'Stopped']),
  failure: why.nullable(),
  startedAtMs: ms.nullable(),
  endedAtMs: ms.nullable(),
  billedSeconds: z.number(),
  costUsd: z.number(),
  options,
  memoryStep: z.int(),
  maxRuntimeSeconds: z.number(),
  resumedFrom: z.int().nullable(),
});

/**
 * A record of this version. Unknown fields are a newer version's and are kept: upkeep rewrites records without losing
 * them.
 */
const fields = {
  version: z.literal(1),
  jobId: z.string(),
  state: z.enum(JOB_STATES),
  step: z.enum(Object.keys(STEP_TITLE) as [Step, ...Step[]]).nullable(),
  request: z.looseObject({
    location: z.looseObject({ bucket: z.string(), key: z.string() }),
    email: z.string(),
    preset: z.enum(PRESETS),
    options,
    retryWindowSeconds: z.number(),
    budgetUsd: z.number().nullable(),
    maxHours: z.number().nullable(),
    webhookUrl: z.string().nullable(),
    tenant: z.string(),
  }),
  requestDigest: z.string().exactOptional(),
  createdAtMs: ms,
  updatedAtMs: ms,
  endedAtMs: ms.nullable(),
  photos: z
    .looseObject({
      accepted: z.int(),
      rejected: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
      bytes: z.number(),
      manifest: z.string(),
    })
    .nullable(),
  attempts: z.array(attempt),
  parts: z.custom<JobRecord['parts']>(isRecord, 'expected an object'),
  accepted: z.array(
    z.looseObject({
      stage,
      part,
      attempt: z.int(),
      jobName: z.string(),
      metrics: z.custom<StageMetrics[Stage]>(isRecord, 'expected an object'),
    }),
  ),
  failure: why.extend({ advice: z.string() }).nullable(),
  waiting: z
    .looseObject({ for: z.enum(WAITS_FOR), message: z.string(), sinceMs: ms, untilMs: ms.nullable() })
    .nullable(),
  pauseRequested: z.boolean(),
  gates: z.array(
    z.looseObject({
      stage,
      part,
      attempt: z.int(),
      verdict: z.enum(['accepted', 'rejected', 'undecided']),
      failure: why.nullable(),
      atMs: ms,
      acceptedBy: z.looseObject({ by: z.string(), atMs: ms }).nullable(),
    }),
  ),
  parkedUntilMs: ms.nullable(),
  cancelled: z.looseObject({ reason: z.string(), by: z.string(), atMs: ms }).nullable(),
  notice: z.string().nullable(),
  result: z.looseObject({ files: z.array(z.looseObject({ name: z.string(), bytes: z.number() })) }).nullable(),
  expiredAtMs: z.looseObject({ intermediates: ms.nullable(), results: ms.nullable() }),
  deleting: z.boolean(),
  erasedAtMs: ms.nullable(),
} satisfies { readonly [Field in keyof JobRecord]-?: z.ZodType };

const record = z.looseObject(fields) satisfies z.ZodType<JobRecord>;

/** The record that a `job.json` holds, whatever version wrote it. Throws UnreadableRecordError. */
export function parseRecord(jobId: string, stored: unknown): JobRecord {
  const parsed = record.safeParse(completed(stored));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UnreadableRecordError(jobId, problems.slice(0, 3).join('; '));
}

/** With what earlier versions did not write; as it is where it has too little of a record for that. */
function completed(stored: unknown): unknown {
  try {
    return completeRecord(stored as JobRecord);
  } catch {
    return stored;
  }
}
