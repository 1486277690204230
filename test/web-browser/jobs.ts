import { failure } from '../../contracts/job/failures';
import type { JobRecord } from '../../contracts/job/record';
import type { JobRun } from '../../contracts/job/run';
import type { JobState } from '../../contracts/job/state';
import { testAttempt, testPhotos } from '../helpers/records';
import { jobRecord, openRun, request } from '../server/helpers';
import type { Site } from './site';

const MINUTE_MS = 60_000;

const ENDED: Partial<Record<JobState, JobRun['status']>> = {
  succeeded: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
};

/** Puts a job there as it is at this moment, begun `ageMinutes` ago; every call is news to those who listen. */
export function putJob(
  site: Site,
  jobId: string,
  { name = jobId, ageMinutes = 30, ...changes }: Partial<JobRecord> & { name?: string; ageMinutes?: number } = {},
  run: Partial<JobRun> = {},
): void {
  const nowMs = Date.now();
  const createdAtMs = nowMs - ageMinutes * MINUTE_MS;
  const record = jobRecord({
    jobId,
    createdAtMs,
    updatedAtMs: nowMs,
    request: { ...request, name },
    ...changes,
  });
  const before = site.runs.runs.get(jobId)?.historyLength ?? 10;
  const { state } = record;
  const status = ENDED[state];
  const ended = status === undefined ? {} : { status, closedAtMs: nowMs };
  site.job(record, openRun({ startedAtMs: createdAtMs, historyLength: before + 1, state, ...ended, ...run }));
}

/** What a worker says of the machine job that it watches. */
export const heartbeat = (
  jobId: string,
  stage: 'sfm' | 'training' | 'compression',
  progress: { phase: string; done: number; total: number; metrics?: Record<string, number> },
): JobRun['heartbeats'][number] => ({
  jobName: `dev-${jobId}-${stage}-a01`,
  status: 'InProgress',
  startedAtMs: Date.now() - 5 * MINUTE_MS,
  logStream: null,
  logToken: null,
  progress: { metrics: {}, ...progress },
});

/** How its quality grew: 60 points, as a watch leaves them. */
const QUALITY = Array.from({ length: 60 }, (_, index) => ({
  iteration: 58 + 117 * index,
  seconds: 29 * index,
  psnr: Number((27.5 - 12 * Math.exp(-index / 9)).toFixed(3)),
  loss: 0.05,
}));

const SFM = { photos: 48, registered: 46, points: 41_250, reprojectionErrorPx: 0.62, georeferenced: true };
const TRAINING = {
  gaussians: 412_000,
  evaluationWidth: 1600,
  psnr: 27.31,
  ssim: 0.871,
  iterations: 7000,
  initialPsnr: 14.2,
  heldOut: [
    {
      name: 'DJI_0003.JPG',
      psnr: 24.9,
      ssim: 0.83,
      photo: 'held-out/0001-photo.webp',
      render: 'held-out/0001-render.webp',
    },
    { name: 'DJI_0011.JPG', psnr: 27.4, ssim: 0.87 },
    { name: 'DJI_0019.JPG', psnr: 29.6, ssim: 0.91 },
  ],
};
const COMPRESSION = { gaussians: 398_000, shBands: 2, bytes: 4_820_000, ratioSh3: 16.5, plyBytes: 79_600_000 };

const accepted = (stage: 'sfm' | 'training' | 'compression', metrics: object): JobRecord['accepted'][number] =>
  ({ stage, part: null, attempt: 1, jobName: `dev-${stage}`, metrics }) as JobRecord['accepted'][number];

/** A job that has gone as it should. */
export const SUCCEEDED: Partial<JobRecord> = {
  state: 'succeeded',
  step: 'publish',
  photos: testPhotos({ accepted: 48 }),
  attempts: [
    testAttempt({ stage: 'sfm', jobName: 'dev-sfm', status: 'Completed', billedSeconds: 412 }),
    testAttempt({
      stage: 'training',
      jobName: 'dev-training',
      status: 'Completed',
      billedSeconds: 1730,
      quality: QUALITY,
    }),
    testAttempt({ stage: 'compression', jobName: 'dev-compression', status: 'Completed', billedSeconds: 96 }),
  ],
  accepted: [accepted('sfm', SFM), accepted('training', TRAINING), accepted('compression', COMPRESSION)],
  result: {
    files: [
      { name: 'scene.sog', bytes: 4_820_000 },
      { name: 'model.ply', bytes: 79_600_000 },
      { name: 'poster.jpg', bytes: 61_000 },
      { name: 'poster.avif', bytes: 21_000 },
      { name: 'photos.json', bytes: 9100 },
      { name: 'report.json', bytes: 5200 },
    ],
  },
};

/** A job whose photos did not fit together, which waits for a person. */
export const PARKED: Partial<JobRecord> = {
  state: 'parked',
  step: 'sfm',
  photos: testPhotos({ accepted: 16 }),
  failure: failure('TOO_FEW_REGISTERED', 'only 8 of 16 photos fit together', 'Add photos between the parts.'),
  attempts: [testAttempt({ stage: 'sfm', status: 'Completed', billedSeconds: 240 })],
  gates: [
    {
      stage: 'sfm',
      part: null,
      attempt: 1,
      atMs: 0,
      acceptedBy: null,
      verdict: 'rejected',
      failure: failure('TOO_FEW_REGISTERED', 'only 8 of 16 photos fit together', 'Add photos between the parts.'),
      fit: {
        photos: 16,
        registered: 8,
        parts: [8, 7],
        unfitted: [
          { name: 'DJI_0007.JPG', reason: 'too blurred', features: 213, partners: 1, thumbnail: null },
          {
            name: '"><script>alert(1)</script>',
            reason: 'shows <another> place',
            features: 4213,
            partners: 3,
            thumbnail: null,
          },
        ],
        unfittedCount: 8,
      },
    },
  ],
};
