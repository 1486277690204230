import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateProcessingJobCommand, CreateTrainingJobCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { failureClass, type FailureCode } from '../../contracts/job/failures';
import { machineJobName, type MachineJobOwner } from '../../contracts/machines/names';
import type { StageMachine } from '../../contracts/machines/choice';
import { isWatchHeartbeat, type WatchHeartbeat } from '../../contracts/stages/progress';
import { qualityCurve, withQuality, type QualityPoint } from '../../contracts/stages/quality';
import { layout } from '../../contracts/storage/layout';
import type { StageSettings } from '../../contracts/generated/settings';
import type { MachineJobKind, Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { isNotThere, writeJson } from '../../platform/s3-objects';
import { notYet, refusal } from '../application-failures';
import { describeMachineJob, machineJobTags, requestStop, type DescribedMachineJob } from './described-machine-job';
import { readProgress } from './machine-log';
import {
  tagsOf,
  TAG,
  processingJobRequest,
  trainingJobRequest,
  type MachineEnvironment,
  type MachineJobSpec,
} from './create-requests';
import { explainEnd, explainRefusal, isNameTaken, type CodedFailure } from './sagemaker-errors';

export interface MachineJobDeps {
  readonly sagemaker: SageMakerClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly environment: MachineEnvironment;
}

export interface SubmitInput extends Omit<MachineJobSpec, 'machine'> {
  /** In the order in which they are asked for: each is for when those before cannot be had. */
  readonly machines: readonly StageMachine[];
  readonly settings: StageSettings[Stage];
  /** Files that are copied beside the settings, as far as they are there; not set where an earlier version asked. */
  readonly beside?: readonly { readonly name: string; readonly key: string }[];
  /** Where no machine is to be had: whether to try again every `capacityRetryMs`, or to say so. */
  readonly waits: boolean;
  readonly capacityRetryMs: number;
}

export type Submitted =
  | { readonly created: true; readonly jobName: string; readonly instanceType: string }
  | { readonly created: false; readonly refusal: CodedFailure };

export interface WatchInput {
  readonly stage: Stage;
  readonly jobName: string;
  readonly pollIntervalMs: number;
  /** Billed seconds at which the watch returns `AtLimit`, so that the machine is stopped; null = no limit. */
  readonly limitSeconds: number | null;
}

/** A job's limit is reached, and the machine still runs. */
export interface AtLimit {
  readonly status: 'AtLimit';
}

/** How a job ended. `NotFound`: SageMaker never heard of it. */
export interface MachineJobOutcome {
  readonly status: 'Completed' | 'Failed' | 'Stopped' | 'NotFound';
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  /** The machine that was really rented; null where SageMaker does not say. */
  readonly instanceType: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly billedSeconds: number;
  /** Seconds for which the machine was there; missing where an earlier version told. */
  readonly machineSeconds?: number;
  /** How quality grew, of training whose watch saw it; missing else. */
  readonly quality?: readonly QualityPoint[];
}

/** Submit, watch and stop SageMaker jobs: three capabilities that know nothing of each other. */
export interface MachineJobActivities {
  /**
   * Creates the SageMaker job of one attempt, or finds the one that an earlier try of this activity created.
   * Throws codes of contracts/job/failures. QUOTA_ZERO only where no machine of the list may ever be had.
   */
  submitJob(input: SubmitInput): Promise<Submitted>;
  /**
   * Waits for the end of a job and only that: it never stops one, so neither a deploy nor a crash of this worker does.
   * Heartbeats carry WatchHeartbeat; the next watcher continues from them.
   */
  watchJob(input: WatchInput): Promise<MachineJobOutcome | AtLimit>;
  /** Asks for the end of a job, now. Idempotent: a job that has ended, or never was, is no error. */
  stopJob(job: { readonly stage: Stage; readonly jobName: string }): Promise<{ stopping: boolean }>;
  /**
   * How a job that was told to stop has ended; tried again every `pollIntervalMs` until it has. Holds no slot in
   * between, so that neither a full queue nor a dead watcher delays it.
   */
  confirmEnd(job: {
    readonly stage: Stage;
    readonly jobName: string;
    readonly pollIntervalMs: number;
  }): Promise<MachineJobOutcome>;
}

export function createMachineJobActivities({ sagemaker, logs, s3, environment }: MachineJobDeps): MachineJobActivities {
  async function create(spec: MachineJobSpec, abortSignal: AbortSignal): Promise<void> {
    if (STAGE[spec.stage].kind === 'processing')
      await sagemaker.send(new CreateProcessingJobCommand(processingJobRequest(spec, environment)), { abortSignal });
    else await sagemaker.send(new CreateTrainingJobCommand(trainingJobRequest(spec, environment)), { abortSignal });
  }

  async function copyIfThere(from: string, to: string, abortSignal: AbortSignal): Promise<void> {
    const { bucket } = environment;
    const source = `${bucket}/${from}`.split('/').map(encodeURIComponent).join('/');
    try {
      await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: source }), { abortSignal });
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
  }

  /** Takes over the machine job of this name. Throws NOT_OURS unless it is this attempt, of this run, with its inputs. */
  async function adopt(
    spec: Omit<MachineJobSpec, 'machine'>,
    job: DescribedMachineJob,
    abortSignal: AbortSignal,
  ): Promise<Submitted> {
    const jobName = machineJobName(spec);
    const tags = await machineJobTags(sagemaker, job.arn, abortSignal);
    const config = `s3://${environment.bucket}/${configFolder(spec)}`;
    // Machine jobs of earlier versions name no tenant.
    const expected = tagsOf(spec).filter(({ Key }) => Key !== TAG.tenant || tags.has(TAG.tenant));
    const ours = expected.every(({ Key = '', Value }) => tags.get(Key) === Value) && job.inputUris.includes(config);
    if (!ours) throw refusal('NOT_OURS', `the SageMaker job ${jobName} exists and was made by someone else`);
    log.info('adopted a SageMaker job that an earlier try had created', { jobName });
    return { created: true, jobName, instanceType: job.instanceType };
  }

  /** Asks for one machine. */
  async function tryMachine(spec: MachineJobSpec, abortSignal: AbortSignal): Promise<Submitted> {
    const jobName = machineJobName(spec);
    try {
      await create(spec, abortSignal);
      return { created: true, jobName, instanceType: spec.machine.instanceType };
    } catch (error) {
      const why = isNameTaken(error) ? null : explainRefusal(error);
      if (why === null && !isNameTaken(error)) throw error;
      // A full quota may be full of this very job: the one that an earlier try created, whose answer was lost.
      const job = await describeMachineJob(sagemaker, STAGE[spec.stage].kind, jobName, abortSignal);
      if (job !== null) return await adopt(spec, job, abortSignal);
      if (why === null) throw new Error(`SageMaker says that ${jobName} exists, and that it does not`);
      return { created: false, refusal: why };
    }
  }

  /** What a watch has seen, with what the job has logged since. A log that cannot be read changes nothing. */
  async function withLog(seen: WatchHeartbeat, kind: MachineJobKind, signal: AbortSignal): Promise<WatchHeartbeat> {
    const { jobName } = seen;
    try {
      const position = { stream: seen.logStream, token: seen.logToken };
      const read = await readProgress(logs, kind, jobName, position, signal);
      const quality = read.lines.reduce(
        (curve, { progress, atMs }) =>
          withQuality(curve, progress, Math.max(0, atMs - (seen.startedAtMs ?? atMs)) / 1000),
        seen.quality ?? [],
      );
      return {
        ...seen,
        progress: read.lines.at(-1)?.progress ?? seen.progress,
        logStream: read.position.stream,
        logToken: read.position.token,
        ...(quality.length === 0 ? {} : { quality }),
      };
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn('the log of a SageMaker job could not be read', { jobName, error });
      return seen;
    }
  }

  return {
    async submitJob(input) {
      const { settings, machines, waits, capacityRetryMs, beside = [], ...spec } = input;
      const abortSignal = cancellationSignal();
      const place = { bucket: environment.bucket, key: `${configFolder(spec)}settings.json` };
      await writeJson(s3, place, settings, abortSignal);
      for (const { name, key } of beside) await copyIfThere(key, `${configFolder(spec)}${name}`, abortSignal);
      const refusals: CodedFailure[] = [];
      for (const machine of machines) {
        const submitted = await tryMachine({ ...spec, machine }, abortSignal);
        if (submitted.created) return submitted;
        refusals.push(submitted.refusal);
      }
      // A type that can be had some day is worth waiting for; otherwise the first refusal says what is wrong.
      const why = refusals.find(({ code }) => failureClass(code) === 'capacity') ?? refusals[0];
      if (why === undefined) throw refusal('INTERNAL_ERROR', 'no machine was named');
      if (failureClass(why.code) !== 'capacity') throw refusal(why.code, why.message);
      if (waits) throw notYet(why.code, why.message, capacityRetryMs);
      return { created: false, refusal: why };
    },

    async watchJob({ stage, jobName, pollIntervalMs, limitSeconds }) {
      const kind = STAGE[stage].kind;
      const abortSignal = cancellationSignal();
      const earlier: unknown = activityInfo().heartbeatDetails;
      let seen: WatchHeartbeat =
        isWatchHeartbeat(earlier) && earlier.jobName === jobName
          ? earlier
          : { jobName, status: 'Pending', progress: null, startedAtMs: null, logStream: null, logToken: null };
      for (;;) {
        const job = await describeMachineJob(sagemaker, kind, jobName, abortSignal);
        if (job === null) return NOT_FOUND;
        const ended = outcomeOf(job);
        if (ended !== null) {
          // What was printed after the last look: the end of the curve.
          const { quality } = stage === 'training' ? await withLog(seen, kind, abortSignal) : seen;
          return quality === undefined ? ended : { ...ended, quality: qualityCurve(quality) };
        }
        const nextLookMs = Date.now() + pollIntervalMs;
        if (limitSeconds !== null && job.startedAtMs !== null && nextLookMs - job.startedAtMs >= limitSeconds * 1000)
          return { status: 'AtLimit' };
        seen = { ...seen, status: job.secondaryStatus ?? job.status, startedAtMs: job.startedAtMs };
        heartbeat(seen);
        seen = await withLog(seen, kind, abortSignal);
        heartbeat(seen);
        await sleep(pollIntervalMs);
      }
    },

    async stopJob({ stage, jobName }) {
      return { stopping: await requestStop(sagemaker, STAGE[stage].kind, jobName, cancellationSignal()) };
    },

    async confirmEnd({ stage, jobName, pollIntervalMs }) {
      const job = await describeMachineJob(sagemaker, STAGE[stage].kind, jobName, cancellationSignal());
      if (job === null) return NOT_FOUND;
      const ended = outcomeOf(job);
      if (ended === null) throw notYet('STILL_RUNNING', `${jobName} is ${job.status}`, pollIntervalMs);
      return ended;
    },
  };
}

const configFolder = ({ jobId, stage, attempt, part }: MachineJobOwner): string =>
  layout.configFolder(jobId, stage, attempt, part);

const NOT_FOUND: MachineJobOutcome = {
  status: 'NotFound',
  failure: null,
  instanceType: null,
  startedAtMs: null,
  endedAtMs: null,
  billedSeconds: 0,
  machineSeconds: 0,
};

function outcomeOf(job: DescribedMachineJob): MachineJobOutcome | null {
  const { status, instanceType, startedAtMs, endedAtMs, billedSeconds, machineSeconds } = job;
  if (status === 'InProgress' || status === 'Stopping') return null;
  const failure = status === 'Completed' ? null : explainEnd({ ...job, status, ranSeconds: billedSeconds });
  return { status, failure, instanceType: instanceType || null, startedAtMs, endedAtMs, billedSeconds, machineSeconds };
}
