import { DEFAULT_CAPACITY } from '../../contracts/machines/capacity';
import { failure } from '../../contracts/job/failures';
import { newJobRecord, type Attempt, type JobRecord } from '../../contracts/job/record';
import { JOB_STATES, type JobState } from '../../contracts/job/state';
import { PRESETS } from '../../contracts/stages/presets';
import { STAGES } from '../../contracts/stages/stage';
import type { KnownJob } from '../../server/storage/jobs/job-rows';

const FIRST_MS = Date.UTC(2025, 0, 1);
const BETWEEN_STARTS_MS = 300_000;
const PLACES = ['Old Mill', 'Quarry north', 'Church of St. Ann', 'Bridge 7', 'Landfill', 'Vineyard', 'Roof 12', 'Dam'];
/** Most jobs have succeeded, as in a deployment that has run for a year. */
const RARE_STATES = JOB_STATES.filter((state) => state !== 'succeeded');
const ONE_IN = 20;

/** A job of such a deployment, always the same for the same number; four of five are the tenant `north`'s. */
export function benchJob(number: number): KnownJob {
  const state: JobState =
    number % ONE_IN === 0 ? (RARE_STATES[(number / ONE_IN) % RARE_STATES.length] ?? 'failed') : 'succeeded';
  const createdAtMs = FIRST_MS + number * BETWEEN_STARTS_MS;
  const name = `${PLACES[number % PLACES.length] ?? ''} ${number}`;
  const preset = PRESETS[number % PRESETS.length] ?? PRESETS[0];
  const tenant = number % 5 === 0 ? 'south' : 'north';
  const jobId = `bench${String(number).padStart(8, '0')}`;
  const request = {
    tenant,
    location: { bucket: 'photos', key: `flights/${createdAtMs}/` },
    name,
    email: 'pilot@example.com',
    preset,
    options: {},
    retryWindowSeconds: 0,
    budgetUsd: null,
    maxHours: null,
    capacity: DEFAULT_CAPACITY,
    webhookUrl: null,
    batch: null,
    priority: 3,
    startAtMs: null,
  };
  const attempts = STAGES.map((stage): Attempt => ({
    stage,
    part: null,
    attempt: 1,
    jobName: `bench-${jobId}-${stage}-a01`,
    instanceType: 'ml.g4dn.xlarge',
    status: 'Completed',
    failure: null,
    startedAtMs: createdAtMs + 1000,
    endedAtMs: createdAtMs + 601_000,
    billedSeconds: 600,
    costUsd: 0.12,
    capacity: DEFAULT_CAPACITY,
    savedUsd: 0,
    options: {},
    memoryStep: 0,
    maxRuntimeSeconds: 7200,
    resumedFrom: null,
  }));
  const photos = { accepted: 50 + (number % 400), rejected: [], leftOut: 0, bytes: 1, manifest: '' };
  const record: JobRecord = {
    ...newJobRecord(jobId, request, createdAtMs),
    state,
    step: 'compression',
    photos,
    attempts,
    failure: state === 'failed' ? failure('TOO_FEW_POINTS', 'only 12 points were found') : null,
    updatedAtMs: createdAtMs + 700_000,
    endedAtMs: createdAtMs + 700_000,
  };
  return { record, state, asOfMs: record.updatedAtMs };
}
