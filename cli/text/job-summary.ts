import type { Failure } from '../../contracts/job/failures';
import type { JobState } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { Stage } from '../../contracts/stages/stage';
import type { StageMetrics } from '../../contracts/generated/reports';
import type { DownloadedResult } from '../server/result-download';
import type { SunkMail } from '../stack/mail-sink';

/** The line that `demo --json` prints. What a job did not come to is null. */
interface JobSummary {
  readonly jobId: string;
  readonly workflowId: string;
  readonly state: JobState;
  /** Photos that the job took. */
  readonly photos: number | null;
  readonly stages: readonly { stage: Stage; attempt: number; jobName: string; seconds: number; costUsd: number }[];
  readonly sfm: { registered: number; points: number; reprojectionErrorPx: number | null } | null;
  readonly training: ReturnType<typeof trainingSummary> | null;
  /** `ratio`: the 62-float PLY of as many Gaussians (248 bytes each) against scene.sog. */
  readonly compression: { bytes: number; ratio: number; gaussians: number } | null;
  readonly result: { sogPath: string; plyPath: string; pageUrl: string } | null;
  readonly mail: { to: string; subject: string } | null;
  readonly failure: Failure | null;
  /** From the demo's start, after set-up, to the job's end. */
  readonly seconds: number;
}

export function summarizeJob(
  job: JobView,
  files: DownloadedResult | null,
  mail: SunkMail | null,
  seconds: number,
): JobSummary {
  const { sfm, training, compression } = job.stages;
  return {
    jobId: job.jobId,
    workflowId: job.workflowId,
    state: job.state,
    photos: job.photos?.accepted ?? null,
    stages: job.attempts.map(({ stage, attempt, jobName, seconds: billed, costUsd }) => ({
      stage,
      attempt,
      jobName,
      seconds: billed,
      costUsd,
    })),
    sfm: sfm ? { registered: sfm.registered, points: sfm.points, reprojectionErrorPx: sfm.reprojectionErrorPx } : null,
    training: training ? trainingSummary(training) : null,
    compression: compression
      ? { bytes: compression.bytes, ratio: compression.ratioSh3, gaussians: compression.gaussians }
      : null,
    result:
      files === null
        ? null
        : { sogPath: files.sogPath, plyPath: files.plyPath, pageUrl: job.result?.pageUrl ?? job.pageUrl },
    mail: mail === null ? null : { to: mail.to, subject: mail.subject },
    failure: job.failure,
    seconds,
  };
}

const trainingSummary = ({ gaussians, iterations, evaluationWidth, psnr, ssim }: StageMetrics['training']) => ({
  gaussians,
  iterations,
  evaluationWidth,
  psnr,
  ssim,
});

/** Exit statuses of `demo`. */
export const EXIT = { succeeded: 0, error: 1, failed: 2, cancelled: 3 } as const;

/** The exit status that tells how a job ended, or stands at the moment: it waits for a person, or it works. */
export function exitStatus(state: JobState): number {
  if (state === 'succeeded' || state === 'cancelled') return EXIT[state];
  return state === 'failed' || state === 'parked' || state === 'waiting' ? EXIT.failed : EXIT.error;
}
