import { z } from 'zod';
import { JOB_REQUEST } from '../job/record-schema';
import { CALIBRATION } from '../estimates/estimate-schema';
import { PRESETS } from '../stages/presets';
import { SET_BY } from '../access/audit-schema';
import { list, object } from '../messages/read-only';

const text = z.string();
/** Milliseconds since 1970. */
const ms = z.number();

/** What was asked for one job: with what stands once for all of them it is the request of that job. */
const memberRequest = JOB_REQUEST.unwrap().omit({ tenant: true, email: true, batch: true }).readonly();

const member = object({
  jobId: text,
  /** Null once the job was erased. */
  request: memberRequest.nullable(),
});

/** `batches/<id>/batch.json`: what was asked for, and how the batch stands; how its jobs stand is in their records. */
export const BATCH_RECORD = object({
  version: z.literal(1),
  batchId: text,
  tenant: text,
  /** Missing in records of before. */
  setBy: SET_BY.optional(),
  name: text.nullable(),
  /** Who is told of the end; empty once all jobs were erased. */
  email: text,
  /** Whether each job sends mails of its own too. */
  mailPerJob: z.boolean(),
  /** Most jobs that work at the same time. */
  concurrency: z.int(),
  /** Digest of what was asked: compared with that of a repeated Idempotency-Key. */
  requestDigest: text,
  createdAtMs: ms,
  updatedAtMs: ms,
  members: list(member),
  /** By preset, how this deployment's machines compared with the model when the batch was started. */
  calibrations: z.partialRecord(z.enum(PRESETS), CALIBRATION).readonly(),
  cancelled: object({ reason: text, by: text, atMs: ms }).nullable(),
  /** When the last job had ended, and nothing was left to start; null while there is. */
  endedAtMs: ms.nullable(),
  /** How the last summary mail went. */
  mail: object({ status: z.enum(['delivered', 'rejected', 'expired']), detail: text, atMs: ms }).nullable(),
});

export type MemberRequest = z.infer<typeof memberRequest>;
export type BatchMember = z.infer<typeof member>;
export type BatchRecord = z.infer<typeof BATCH_RECORD>;
