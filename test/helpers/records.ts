import type { BatchRecord, MemberRequest } from '../../contracts/batch/record';
import type { Attempt, JobRequest, PhotoSummary } from '../../contracts/job/record';

/** A valid request; a test names only what it is about. */
export const testRequest = (changes: Partial<JobRequest> = {}): JobRequest => ({
  tenant: 'local',
  location: { bucket: 'b', key: 'uploads/local/x/' },
  name: null,
  email: 'pilot@example.com',
  preset: 'preview',
  options: {},
  retryWindowSeconds: 0,
  budgetUsd: null,
  maxHours: null,
  capacity: 'on-demand',
  webhookUrl: null,
  batch: null,
  priority: 3,
  startAtMs: null,
  ...changes,
});

/** What intake found: 18 photos, all of them used; a test names only what it is about. */
export const testPhotos = (changes: Partial<PhotoSummary> = {}): PhotoSummary => ({
  accepted: 18,
  rejected: [],
  leftOut: changes.rejected?.length ?? 0,
  bytes: 1000,
  manifest: 'jobs/abcd1234/photos/manifest.json',
  ...changes,
});

/** A line of the ledger: one minute of training, completed; a test names only what it is about. */
export const testAttempt = (changes: Partial<Attempt> = {}): Attempt => ({
  stage: 'training',
  part: null,
  attempt: 1,
  jobName: 'test-abcd1234-training-a01',
  instanceType: 'ml.g4dn.xlarge',
  status: 'Completed',
  failure: null,
  startedAtMs: 1000,
  endedAtMs: 61_000,
  billedSeconds: 60,
  costUsd: 0.0123,
  capacity: 'on-demand',
  savedUsd: 0,
  options: {},
  memoryStep: 0,
  maxRuntimeSeconds: 7200,
  resumedFrom: null,
  ...changes,
});

/** A batch of as many photo sets, as the server claims it. */
export function testBatch(jobIds: readonly string[], changes: Partial<BatchRecord> = {}): BatchRecord {
  const { tenant, email, batch, ...request } = testRequest();
  return {
    version: 1,
    batchId: 'batch12345',
    tenant,
    name: 'Village',
    email,
    mailPerJob: false,
    concurrency: 2,
    requestDigest: '',
    createdAtMs: 1000,
    updatedAtMs: 1000,
    members: jobIds.map((jobId): { jobId: string; request: MemberRequest } => ({ jobId, request })),
    calibrations: {},
    cancelled: null,
    endedAtMs: null,
    mail: null,
    ...changes,
  };
}
