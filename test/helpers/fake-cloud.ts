import { heartbeat, sleep } from '@temporalio/activity';
import type { AttemptRef } from '../../activities/artifacts';
import type { JobOutcome, SubmitInput, WatchInput } from '../../activities/compute-jobs';
import type { MailInput } from '../../activities/mail';
import { computeJobName } from '../../contracts/job-names';
import type { JobRecord } from '../../contracts/job-record';
import type { StageReport } from '../../contracts/stage-reports';
import type { Stage } from '../../contracts/stages';
import type { QueuedActivities } from '../../workers/activities';
import { waitFor } from './wait-for';
import type { Client } from '@temporalio/client';
import { createWorkflowRunActivities } from '../../activities/workflow-runs';

const METRICS = {
  sfm: { photos: 18, registered: 18, points: 3000, reprojectionErrorPx: 0.6 },
  training: { gaussians: 9000, iterations: 1000, evaluationWidth: 400, psnr: 19, ssim: 0.5, modelBytes: 900_000 },
  compression: { gaussians: 9000, shBands: 1, bytes: 200_000, ratioSh3: 11 },
};

type Ending = Pick<JobOutcome, 'status' | 'failure'>;

/**
 * Activities that keep SageMaker, S3 and mail in memory, so that a test decides when and how each job ends and sees
 * what the workflow asked for, in order.
 */
export class FakeCloud {
  readonly submitted: SubmitInput[] = [];
  readonly stopped: string[] = [];
  readonly mails: MailInput[] = [];
  readonly saved: JobRecord[] = [];
  /** Endings by job name; a job without one runs on. */
  readonly endings = new Map<string, Ending>();
  /** What is done by itself for a stage; default: completes. `null`: runs until stopped or ended by the test. */
  readonly script: Partial<Record<Stage, (attempt: number) => Ending | null>> = {};
  readonly reports: Partial<Record<Stage, (attempt: number) => Partial<StageReport>>> = {};
  /** Awaited by every submit after the job was created: the time between Create and its answer. */
  afterCreate: () => Promise<void> = () => Promise.resolve();
  intakeError: Error | null = null;

  get record(): JobRecord {
    const last = this.saved.at(-1);
    if (last === undefined) throw new Error('no record was saved');
    return last;
  }

  /** Waits until the job of an attempt exists. */
  async running(stage: Stage, attempt = 1): Promise<string> {
    const found = await waitFor(`${stage} attempt ${attempt} to be submitted`, () => this.submitted.find((job) => job.stage === stage && job.attempt === attempt));
    return computeJobName(found);
  }

  activities(client: Client): QueuedActivities {
    return {
      control: {
        submitJob: async (input: SubmitInput) => {
          const jobName = computeJobName(input);
          this.submitted.push(input);
          const ending = (this.script[input.stage] ?? (() => ({ status: 'Completed', failure: null })))(input.attempt);
          if (ending !== null) this.endings.set(jobName, ending);
          await this.afterCreate();
          return { jobName };
        },
        stopJob: ({ jobName }: { jobName: string }) => {
          this.stopped.push(jobName);
          const exists = this.submitted.some((job) => computeJobName(job) === jobName);
          if (exists && !this.endings.has(jobName)) this.endings.set(jobName, { status: 'Stopped', failure: { code: 'STOPPED_FROM_OUTSIDE', message: 'stopped' } });
          return Promise.resolve({ stopping: exists });
        },
        readReport: ({ stage, attempt }: AttemptRef) =>
          Promise.resolve({
            stage,
            seconds: 1,
            peakMb: 100,
            metrics: METRICS[stage],
            verdict: { ok: true, code: null, message: null },
            ...this.reports[stage]?.(attempt),
          } as StageReport),
        publishResult: () => Promise.resolve({ files: [{ name: 'scene.sog', bytes: 200_000 }] }),
        saveRecord: (record: JobRecord) => {
          this.saved.push(record);
          return Promise.resolve();
        },
        sendMail: (mail: MailInput) => {
          this.mails.push(mail);
          return Promise.resolve();
        },
        ...createWorkflowRunActivities({ client }),
      },
      watch: {
        watchJob: async ({ jobName, pollIntervalMs }: WatchInput): Promise<JobOutcome> => {
          for (;;) {
            const ending = this.endings.get(jobName);
            if (ending !== undefined) return { ...ending, startedAtMs: 1000, endedAtMs: 61_000, billedSeconds: 60 };
            if (!this.submitted.some((job) => computeJobName(job) === jobName))
              return { status: 'NotFound', failure: null, startedAtMs: null, endedAtMs: null, billedSeconds: 0 };
            heartbeat({ jobName, status: 'InProgress' });
            await sleep(pollIntervalMs);
          }
        },
      },
      photos: {
        intakePhotos: () => {
          if (this.intakeError !== null) return Promise.reject(this.intakeError);
          return Promise.resolve({ accepted: 18, rejected: [], bytes: 1000 });
        },
      },
    };
  }
}
