import {
  LOCAL_TENANT,
  newJobRecord,
  type AcceptedAttempt,
  type Attempt,
  type JobRecord,
  type PhotoSummary,
} from './record';
import { DEFAULT_CAPACITY } from '../machines/capacity';
import { PRIORITY } from '../messages/settings';
import { STAGES } from '../stages/stage';
import { STAGE } from '../stages/stages';
import { layout } from '../storage/layout';

/**
 * A record as it was read from S3, or as it came in the input of a workflow, with what earlier versions did not write
 * yet filled in. Every record that this version did not make itself passes through here, so that nothing else has to
 * ask how old it is.
 */
export function completeRecord(stored: JobRecord): JobRecord {
  const request = { ...EARLIER_REQUEST, ...stored.request };
  return {
    ...newJobRecord(stored.jobId, request, stored.createdAtMs),
    ...stored,
    request,
    photos: stored.photos && {
      manifest: layout.manifest(stored.jobId),
      leftOut: stored.photos.rejected.length,
      ...(stored.photos as Partial<PhotoSummary> & Omit<PhotoSummary, 'manifest' | 'leftOut'>),
    },
    attempts: stored.attempts.map((attempt) => completeAttempt(attempt, stored)),
    accepted: acceptedList(stored.accepted),
    gates: ((stored.gates as JobRecord['gates'] | undefined) ?? []).map((gate) => ({ ...WHOLE_SCENE, ...gate })),
    cancelled: stored.cancelled && {
      by: 'unknown',
      atMs: stored.endedAtMs ?? stored.updatedAtMs,
      ...(stored.cancelled as Partial<Cancelled> & { reason: string }),
    },
  };
}

type Cancelled = NonNullable<JobRecord['cancelled']>;

/** Before there were limits, spot machines, webhooks, names, batches and later starts, a job had none; before tenants, all were the local one's. */
const EARLIER_REQUEST = {
  tenant: LOCAL_TENANT,
  name: null,
  budgetUsd: null,
  maxHours: null,
  capacity: DEFAULT_CAPACITY,
  webhookUrl: null,
  batch: null,
  priority: PRIORITY.default,
  startAtMs: null,
} satisfies Partial<JobRecord['request']>;

/** Before there were parts, every attempt was one of the whole scene, and attempts and gates did not say so. */
const WHOLE_SCENE = { part: null };

/** Accepted attempts, also of a record in which they were a map by stage. */
const acceptedList = (stored: JobRecord['accepted'] | object): readonly AcceptedAttempt[] =>
  Array.isArray(stored)
    ? (stored as readonly AcceptedAttempt[])
    : STAGES.flatMap((stage) => {
        const done = (stored as { readonly [stage: string]: object | undefined })[stage];
        return done === undefined ? [] : [{ ...WHOLE_SCENE, ...done, stage } as AcceptedAttempt];
      });

const completeAttempt = (attempt: Attempt, { request }: JobRecord): Attempt => {
  const earlier = {
    ...WHOLE_SCENE,
    memoryStep: 0,
    maxRuntimeSeconds: STAGE[attempt.stage].machines[request.preset].maxRuntimeSeconds,
    resumedFrom: null,
    capacity: DEFAULT_CAPACITY,
    savedUsd: 0,
  };
  return { ...earlier, ...(attempt as Partial<Attempt> & Omit<Attempt, keyof typeof earlier>) };
};
