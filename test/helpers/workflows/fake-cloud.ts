import { heartbeat, sleep } from '@temporalio/activity';
import { notYet, refusal } from '../../../activities/application-failures';
import type { AttemptRef } from '../../../activities/results/artifacts';
import type {
  AtLimit,
  MachineJobOutcome,
  SubmitInput,
  Submitted,
  WatchInput,
} from '../../../activities/machines/machine-jobs';
import type { MailInput } from '../../../activities/notify/mail';
import type { WebhookInput } from '../../../activities/notify/webhooks';
import { failure, type FailureCode } from '../../../contracts/job/failures';
import { machineJobName } from '../../../contracts/machines/names';
import type { JobRecord } from '../../../contracts/job/record';
import type { DeliveryRecord } from '../../../contracts/messages/notifications';
import type { JobSettings } from '../../../contracts/messages/settings';
import type { StageReport } from '../../../contracts/stages/reports';
import type { Stage } from '../../../contracts/stages/stage';
import type { createActivities, QueuedActivities } from '../../../workers/activities';
import { MemoryAudit } from '../memory-audit';
import { MemoryBatches, MemoryRecords } from '../memory-records';
import { testPhotos } from '../records';
import { waitFor } from '../wait-for';
import type { Client } from '@temporalio/client';
import type { BudgetAlert } from '../../../contracts/messages/budget-alert';
import type { UsedUpBudget } from '../../../platform/used-up-budgets';
import { createNoteDeed } from '../../../activities/deeds';
import { createBatchActivities } from '../../../activities/batch/members';
import { createWorkflowRunActivities } from '../../../activities/workflow-runs';

const METRICS = {
  sfm: { photos: 18, registered: 18, points: 3000, reprojectionErrorPx: 0.6 },
  training: { gaussians: 9000, iterations: 1000, evaluationWidth: 400, psnr: 19, ssim: 0.5, modelBytes: 900_000 },
  compression: { gaussians: 9000, shBands: 1, bytes: 200_000, ratioSh3: 11 },
};

const NOTHING_FOUND = { examined: 0, changed: 0, jobIds: [], leftAlone: 0, lastJobId: null };

type Ending = Pick<MachineJobOutcome, 'status' | 'failure'>;

export const completed = { status: 'Completed' as const, failure: null };
export const endedWith = (status: 'Failed' | 'Stopped', code: FailureCode): Ending => ({
  status,
  failure: failure(code, `it was ${code}`),
});

/**
 * Activities that keep SageMaker, S3 and mail in memory, so that a test decides when and how each job ends and sees
 * what the workflow asked for, in order.
 */
export class FakeCloud {
  readonly submitted: SubmitInput[] = [];
  readonly stopped: string[] = [];
  readonly mails: MailInput[] = [];
  readonly webhooks: WebhookInput[] = [];
  readonly deliveries: DeliveryRecord[] = [];
  /** Deliveries that are made for real. */
  delivers: Partial<QueuedActivities['delivery']> = {};
  readonly saved: JobRecord[] = [];
  /** Settings of the stored record that a run was started without. */
  storedSettings: JobSettings | null = null;
  /** The newest record of each job, as S3 has it. */
  readonly records = new MemoryRecords();
  readonly batches = new MemoryBatches();
  /** By tenant. */
  readonly usedUpBudgets = new Map<string, UsedUpBudget>();
  /** Ids of the batches that a summary mail was sent of. */
  readonly budgetMails: (BudgetAlert & { readonly messageId: string })[] = [];
  readonly batchMails: string[] = [];
  readonly deeds = new MemoryAudit();
  /** Endings by job name; a job without one runs on. */
  readonly endings = new Map<string, Ending>();
  /** How jobs of a stage end by themselves; default: they complete. `null`: never, but by a stop or by the test. */
  readonly script: Partial<Record<Stage, (attempt: number) => Ending | null>> = {};
  readonly reports: Partial<Record<Stage, (attempt: number) => Partial<StageReport>>> = {};
  /** Awaited by every submit after the job was created: the time between Create and its answer. */
  afterCreate: () => Promise<void> = () => Promise.resolve();
  intakeError: Error | null = null;
  /** What is published of a result. */
  files = [{ name: 'scene.sog', bytes: 200_000 }];
  /** Machine jobs whose logs are stored. */
  readonly logsStored: string[] = [];
  readonly logErrors: Partial<Record<Stage, Error>> = {};
  /** Instance types that AWS has no machine of. */
  readonly full = new Set<string>();
  /** Instance types that the account may not rent. */
  readonly unavailable = new Set<string>();
  /** Submits that found no machine. */
  readonly refused: SubmitInput[] = [];
  /** Instance types of the jobs in `submitted`. */
  readonly rented: string[] = [];
  /** Attempts of training that left a checkpoint. */
  readonly checkpoints = new Set<number>();
  /** Jobs that are being watched now. */
  readonly watched = new Set<string>();
  /** Whether watched jobs have run for as long as their limit allows. */
  atLimit = false;

  get record(): JobRecord {
    const last = this.saved.at(-1);
    if (last === undefined) throw new Error('no record was saved');
    return last;
  }

  /** Waits until the job of an attempt exists. */
  async running(stage: Stage, attempt = 1): Promise<string> {
    const found = await waitFor(`${stage} attempt ${attempt} to be submitted`, () =>
      this.submitted.find((job) => job.stage === stage && job.attempt === attempt),
    );
    return machineJobName(found);
  }

  /** The name of a stage's last job; null before the first. */
  nameOf(jobId: string, stage: Stage): string | null {
    const job = this.submitted.findLast((one) => one.jobId === jobId && one.stage === stage);
    return job === undefined ? null : machineJobName(job);
  }

  private outcome(jobName: string): MachineJobOutcome | null {
    const ending = this.endings.get(jobName);
    const index = this.submitted.findIndex((job) => machineJobName(job) === jobName);
    if (ending !== undefined)
      return {
        ...ending,
        instanceType: this.rented[index] ?? null,
        startedAtMs: 1000,
        endedAtMs: 61_000,
        billedSeconds: 60,
        machineSeconds: this.submitted[index]?.spot === undefined ? 60 : 200,
      };
    if (index >= 0) return null;
    return {
      status: 'NotFound',
      failure: null,
      instanceType: null,
      startedAtMs: null,
      endedAtMs: null,
      billedSeconds: 0,
    };
  }

  activities(client: Client): ReturnType<typeof createActivities> {
    return {
      control: {
        submitJob: async (input: SubmitInput): Promise<Submitted> => {
          const jobName = machineJobName(input);
          const allowed = input.machines.filter(({ instanceType }) => !this.unavailable.has(instanceType));
          if (allowed.length === 0)
            throw refusal('QUOTA_ZERO', `this account's quota "${input.machines[0]?.instanceType}" is 0`);
          const machine = allowed.find(({ instanceType }) => !this.full.has(instanceType));
          if (machine === undefined) {
            this.refused.push(input);
            const refusal = { code: 'QUOTA_REACHED' as const, message: 'the quota is in use' };
            if (!input.waits) return { created: false, refusal };
            throw notYet(refusal.code, refusal.message, input.capacityRetryMs);
          }
          const { instanceType } = machine;
          if (!this.submitted.some((job) => machineJobName(job) === jobName)) {
            this.submitted.push(input);
            this.rented.push(instanceType);
            const ending = (this.script[input.stage] ?? (() => ({ status: 'Completed', failure: null })))(
              input.attempt,
            );
            if (ending !== null) this.endings.set(jobName, ending);
          }
          await this.afterCreate();
          return { created: true, jobName, instanceType };
        },
        stopJob: ({ jobName }: { jobName: string }) => {
          this.stopped.push(jobName);
          const exists = this.submitted.some((job) => machineJobName(job) === jobName);
          if (exists && !this.endings.has(jobName))
            this.endings.set(jobName, {
              status: 'Stopped',
              failure: { code: 'STOPPED_FROM_OUTSIDE', message: 'stopped' },
            });
          return Promise.resolve({ stopping: exists });
        },
        confirmEnd: ({ jobName, pollIntervalMs }): Promise<MachineJobOutcome> => {
          const outcome = this.outcome(jobName);
          return outcome === null
            ? Promise.reject(notYet('STILL_RUNNING', jobName, pollIntervalMs))
            : Promise.resolve(outcome);
        },
        storeLog: ({ jobName, stage }) => {
          const error = this.logErrors[stage];
          if (error !== undefined) return Promise.reject(error);
          this.logsStored.push(jobName);
          return Promise.resolve({ bytes: 1 });
        },
        hasCheckpoint: ({ attempt }) => Promise.resolve(this.checkpoints.has(attempt)),
        readReport: ({ stage, attempt }: AttemptRef) =>
          Promise.resolve({
            stage,
            seconds: 1,
            peakMb: 100,
            metrics: METRICS[stage],
            verdict: { ok: true, code: null, message: null },
            ...this.reports[stage]?.(attempt),
          } as StageReport),
        publishResult: () => Promise.resolve({ files: this.files }),
        saveRecord: (record: JobRecord, isFirst = false) => {
          const settings = isFirst ? this.storedSettings : null;
          const saved = settings === null ? record : { ...record, request: { ...record.request, ...settings } };
          this.saved.push(saved);
          this.records.records.set(record.jobId, saved);
          return Promise.resolve(settings);
        },
        ...createBatchActivities({
          batches: this.batches,
          records: this.records,
          usedUpBudgets: { find: async (tenant) => this.usedUpBudgets.get(tenant) ?? null },
          client,
          note: createNoteDeed(this.deeds),
        }),
        ...createWorkflowRunActivities({ client }),
        startScheduled: () => Promise.resolve({ did: 'started', jobId: 'scheduled1', photosDigest: null } as const),
        stopStrays: () => Promise.resolve({ examined: 0, stopped: [], leftAlone: [] }),
        repairRecords: () => Promise.resolve(NOTHING_FOUND),
        expireFiles: () => Promise.resolve({ ...NOTHING_FOUND, removedUploads: 0 }),
        buryRecord: () => Promise.resolve(),
        mayDeletePhotos: () => Promise.resolve(true),
        deletePhotos: () => Promise.resolve(18),
        deleteJobFolder: () => Promise.resolve(40),
      },
      delivery: {
        sendMail: (mail: MailInput) => {
          this.mails.push(mail);
          return Promise.resolve('250 taken');
        },
        sendBatchMail: ({ batchId }) => {
          this.batchMails.push(batchId);
          return Promise.resolve('250 taken');
        },
        sendBudgetMail: ({ alert, messageId }) => {
          this.budgetMails.push({ ...alert, messageId });
          return Promise.resolve('250 taken');
        },
        sendWebhook: (webhook: WebhookInput) => {
          this.webhooks.push(webhook);
          return Promise.resolve('answered 204');
        },
        announce: () => Promise.resolve([]),
        sendToEndpoint: () => Promise.resolve('answered 204'),
        tellOfDisabled: () => Promise.resolve('250 taken'),
        expireDelivery: () => Promise.resolve(),
        recordDelivery: (_jobId: string, delivery: DeliveryRecord) => {
          this.deliveries.push(delivery);
          return Promise.resolve();
        },
        ...this.delivers,
      },
      watch: {
        watchJob: async ({
          jobName,
          pollIntervalMs,
          limitSeconds,
        }: WatchInput): Promise<MachineJobOutcome | AtLimit> => {
          this.watched.add(jobName);
          try {
            for (;;) {
              const outcome = this.outcome(jobName);
              if (outcome !== null) return outcome;
              if (limitSeconds !== null && this.atLimit) return { status: 'AtLimit' };
              heartbeat({ jobName, status: 'InProgress' });
              await sleep(pollIntervalMs);
            }
          } finally {
            this.watched.delete(jobName);
          }
        },
      },
      photos: {
        intakePhotos: () => {
          if (this.intakeError !== null) return Promise.reject(this.intakeError);
          return Promise.resolve(testPhotos());
        },
      },
    };
  }
}
