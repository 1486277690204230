import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecondaryStatus } from '@aws-sdk/client-sagemaker';
import { isDiskFull, saysDiskFull } from '../../../contracts/machines/disk-full';
import { hasNoSpace } from '../../disk-full';
import { noteFiredFault } from '../../faults/fired-faults';
import { ContainerProcess } from '../containers/container-process';
import { FolderMirror } from '../transfer/folder-mirror';
import { restoreMirror, stageInput } from '../transfer/input-staging';
import { Interruption } from './interruption';
import { JobFailure } from './job-failure';
import { JobFaults, type JobFaultTarget } from '../faults/job-faults';
import { firedFaultsFile, type JobFolder } from './job-folder';
import { planJob, type JobPlan } from './job-plan';
import {
  DISK_FULL_REASON,
  failed,
  INTERNAL_SERVER_ERROR,
  isTerminal,
  MAX_REASON_LENGTH,
  withTransition,
  type MachineJobRecord,
  type MachineJobState,
} from './job-record';
import { LONGEST_TIMER_MS, MachineClock } from './machine-clock';
import { LogWriter } from '../logs/log-writer';
import { uploadOutput } from '../transfer/output-upload';

const SAVE_AGAIN_MS = 1000;
/** Two clocks never agree to the millisecond. */
const NOTEWORTHY_SLEEP_MS = 1000;

/**
 * One job from its inputs' download to its terminal status: Starting, Downloading, Training, Uploading, Completed, with
 * a stop, MaxRuntime, a failure or a shutdown possible at any point. Every step is on disk before the next begins.
 */
export class SupervisedJob {
  private readonly interruption = new Interruption();
  private readonly plan: JobPlan;
  private readonly faults: JobFaults;
  private readonly mirrors: FolderMirror[];
  /** Runs from the begin of the billed time to its end. */
  private clock: MachineClock | undefined;
  /** How long the container has run on machines that it has since lost. */
  private ranMs = 0;
  /** Whether the container's last lines found no room on the disk. */
  private logIsCut = false;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly folder: JobFolder,
    private readonly record: MachineJobRecord,
    private state: MachineJobState,
    private readonly s3: S3Client,
    /** Receives causes that the job's status does not show. */
    private readonly complain: (error: unknown) => void,
  ) {
    this.plan = planJob(record);
    this.faults = new JobFaults(record.faults?.due ?? [], ({ kind }) =>
      noteFiredFault(firedFaultsFile(folder.root), { kind, jobName: record.name }),
    );
    this.mirrors = this.plan.mirrors.map(
      (mirror) => new FolderMirror(s3, mirror, path.join(folder.tree, mirror.folder), this.interruption.shutdownSignal),
    );
  }

  /** Checks whether a Stop call was accepted. */
  async checkStop(): Promise<void> {
    if (await this.folder.find('stop')) this.interruption.request('stop');
  }

  /** Ends the job at once as a platform error, its processes included. */
  shutdown(): void {
    this.interruption.request('shutdown');
  }

  /** Resolves when the terminal status is on disk and the folder tree is gone. */
  async run(): Promise<void> {
    try {
      await this.runSteps();
    } catch (error) {
      await this.end(error);
    }
    if (!this.record.keepTree) await this.folder.removeTree();
  }

  private async runSteps(): Promise<void> {
    await this.faults.checkCapacity();
    this.state = { ...this.state, startedAtMs: Date.now() };
    this.clock = new MachineClock(() => void this.noteTick().catch(this.complain));
    let exitCode = await this.runOnMachine();
    while (!this.interruption.reason) {
      const next = await this.faults.settle(exitCode);
      if (next === 'ended') break;
      await this.leaveMachine();
      if (next === 'no machine') {
        this.interruption.request('max-wait');
        return this.end();
      }
      exitCode = await this.runOnMachine();
    }
    await this.readExplanation(exitCode);
    await Promise.all(this.mirrors.map((mirror) => mirror.finish()));
    if (!this.interruption.reason || this.plan.uploadsWhenStopped) await this.upload();
    await this.end();
  }

  private async runOnMachine(): Promise<number> {
    await this.enter('Downloading');
    await this.prepareTree();
    this.interruption.signal.throwIfAborted();
    const exitCode = await this.runContainer();
    await this.checkStop();
    return exitCode;
  }

  /** After a spot interruption: the next machine gets the inputs and the checkpoints, and nothing else of this one. */
  private async leaveMachine(): Promise<void> {
    await Promise.all(this.mirrors.map((mirror) => mirror.finish()));
    await this.folder.removeTree();
    await this.enter('Starting');
  }

  private async prepareTree(): Promise<void> {
    const { tree } = this.folder;
    await Promise.all(this.plan.folders.map((folder) => mkdir(path.join(tree, folder), { recursive: true })));
    for (const [file, content] of Object.entries(this.plan.configFiles)) {
      await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
      await writeFile(path.join(tree, file), JSON.stringify(content));
    }
    await this.faults.checkDisk();
    for (const input of this.plan.inputs) await stageInput(this.s3, input, tree, this.interruption.signal);
    for (const mirror of this.plan.mirrors) {
      if (mirror.checkpoints) await restoreMirror(this.s3, mirror, tree, this.interruption.signal);
    }
    await Promise.all(this.mirrors.map((mirror) => mirror.adopt()));
  }

  /** Runs the program to its end, however that comes, and returns its exit code. */
  private async runContainer(): Promise<number> {
    const container = await ContainerProcess.start(this.record.command);
    const log = new LogWriter(this.folder.log);
    const copies = Promise.allSettled([log.copy(container.stdout), log.copy(container.stderr)]);
    this.state = {
      ...this.state,
      container: container.identity,
      containerStartedAtMs: this.state.containerStartedAtMs ?? Date.now(),
    };
    await this.enter('Training');
    container.release();

    const startedAtMs = this.workedMs();
    const remainingMs = this.plan.maxRuntimeSeconds * 1000 - this.ranMs;
    const cancelMaxRuntime = this.clock?.ringAfter(remainingMs, () => this.interruption.request('max-runtime'));
    const ended = new AbortController();
    const stopping = this.stopWhenInterrupted(container, ended.signal);
    const faulting = this.faults.whileRunning(
      this.faultTarget(container, ended.signal),
      ended.signal,
      this.interruption.signal,
    );
    for (const mirror of this.mirrors) mirror.start(this.record.syncIntervalMs, this.complain);
    try {
      const exitCode = await container.exited;
      await container.drained(copies);
      this.logIsCut = log.isCut;
      this.state = { ...this.state, exitCode };
      return exitCode;
    } finally {
      cancelMaxRuntime?.();
      this.ranMs += this.workedMs() - startedAtMs;
      ended.abort();
      await stopping;
      await faulting;
    }
  }

  private faultTarget(container: ContainerProcess, ended: AbortSignal): JobFaultTarget {
    return {
      kill: () => container.kill(),
      pause: () => container.pause(),
      resume: () => container.resume(),
      stop: () => this.stopFromOutside(),
      runOut: () => {
        if (this.interruption.reason) return false;
        this.interruption.request('max-runtime');
        return true;
      },
      hasFile: (name) => existsSync(path.join(this.folder.tree, name)),
      interrupt: () => (this.interruption.reason ? undefined : this.endContainer(container, 'Interrupted', ended)),
    };
  }

  private async stopFromOutside(): Promise<boolean> {
    if (await this.folder.find('stop')) return false;
    await this.folder.write('stop', { requestedAtMs: Date.now() });
    await this.checkStop();
    return true;
  }

  /** Ends the container as soon as something interrupts the job; in a shutdown with SIGKILL at once. */
  private async stopWhenInterrupted(container: ContainerProcess, ended: AbortSignal): Promise<void> {
    const { signal, shutdownSignal } = this.interruption;
    const over = AbortSignal.any([signal, ended]);
    if (!over.aborted) await once(over, 'abort');
    if (ended.aborted) return;
    if (shutdownSignal.aborted) await container.kill();
    else await this.endContainer(container, 'Stopping', ended);
  }

  /** Sends SIGTERM, waits for the program to save its results, then sends SIGKILL. */
  private async endContainer(container: ContainerProcess, status: SecondaryStatus, ended: AbortSignal): Promise<void> {
    container.terminate();
    // The state of this moment is also in what is written at the end.
    await this.enter(status).catch(this.complain);
    const over = AbortSignal.any([ended, this.interruption.shutdownSignal]);
    await sleep(Math.min(this.record.stopGraceMs, LONGEST_TIMER_MS), undefined, { signal: over }).catch(
      () => undefined,
    );
    if (!ended.aborted) await container.kill();
  }

  private async readExplanation(exitCode: number): Promise<void> {
    const { file, becomes } = this.plan.explanation;
    const text = await readHead(path.join(this.folder.tree, file));
    if (becomes === 'exitMessage') {
      if (text === null) throw new JobFailure('ClientError: The exit message is not valid UTF-8.');
      if (text) this.state = { ...this.state, exitMessage: text };
    }
    if (exitCode === 0 || this.interruption.reason) return;
    if (this.logIsCut || saysDiskFull(text ?? '') || (await hasNoSpace(this.folder.location)))
      throw new JobFailure(DISK_FULL_REASON);
    const suffix = `, exit code: ${exitCode}`;
    const cause =
      becomes === 'failureReason'
        ? (text ?? '').slice(0, MAX_REASON_LENGTH - 'AlgorithmError: '.length - suffix.length)
        : '';
    throw new JobFailure(`AlgorithmError: ${cause}${suffix}`);
  }

  private async upload(): Promise<void> {
    if (!this.interruption.reason) await this.enter('Uploading');
    const signal = this.plan.uploadsWhenStopped ? this.interruption.shutdownSignal : this.interruption.signal;
    for (const output of this.plan.outputs) await uploadOutput(this.s3, output, this.folder.tree, signal);
    if (this.plan.modelArtifacts) this.state = { ...this.state, modelArtifacts: this.plan.modelArtifacts };
  }

  /** Writes the terminal status that follows from the interruption, or else from the error. */
  private async end(error?: unknown): Promise<void> {
    await this.checkStop();
    if (error) this.complain(error);
    if (this.interruption.reason === 'stop') await this.faults.holdStopping(this.interruption.shutdownSignal);
    const { reason } = this.interruption;
    const nowMs = Date.now();
    // After an accepted stop, exit code 143 and interrupted transfers are no failures.
    if (reason === 'stop') this.state = withTransition(this.state, 'Stopped', nowMs);
    // [U] for processing jobs: whether AWS says Stopped or Failed there is not documented.
    else if (reason === 'max-runtime') this.state = withTransition(this.state, 'MaxRuntimeExceeded', nowMs);
    else if (reason === 'max-wait') this.state = withTransition(this.state, 'MaxWaitTimeExceeded', nowMs);
    else if (reason === 'shutdown') this.state = failed(this.state, INTERNAL_SERVER_ERROR, nowMs);
    else if (error instanceof JobFailure) {
      // The final state of mirrors (checkpoints above all) is worth having after a failure too.
      await Promise.all(this.mirrors.map((mirror) => mirror.finish().catch(this.complain)));
      this.state = failed(this.state, error.reason, nowMs);
    } else if (isDiskFull(error)) this.state = failed(this.state, DISK_FULL_REASON, nowMs);
    else if (error) this.state = failed(this.state, INTERNAL_SERVER_ERROR, nowMs);
    else this.state = withTransition(this.state, 'Completed', nowMs);
    this.clock?.stop();
    this.state = { ...this.state, sleptMs: this.sleptMs(nowMs) };
    await this.saveForGood();
  }

  /** The last status gets onto the disk: a full one has room once the job's own files are gone, or is waited for. */
  private async saveForGood(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.save();
        return;
      } catch (error) {
        const { shutdownSignal: signal } = this.interruption;
        if (!isDiskFull(error) || (attempt > 1 && signal.aborted)) throw error;
        this.complain(error);
        if (attempt === 1 && !this.record.keepTree) await this.folder.removeTree();
        else await sleep(SAVE_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** A sleep of this machine is on disk as soon as it is over, so that nobody takes it for work. */
  private async noteTick(): Promise<void> {
    const sleptMs = this.sleptMs(Date.now());
    if (Math.abs(sleptMs - (this.state.sleptMs ?? 0)) < NOTEWORTHY_SLEEP_MS) return this.folder.tick();
    this.state = { ...this.state, sleptMs };
    await this.save();
  }

  private workedMs(): number {
    return this.clock?.workedMs ?? 0;
  }

  /** Milliseconds up to a moment that were not worked; less than 0 where the time of this machine was set back. */
  private sleptMs(nowMs: number): number {
    const { startedAtMs } = this.state;
    return startedAtMs === undefined ? 0 : nowMs - startedAtMs - this.workedMs();
  }

  private async enter(status: SecondaryStatus): Promise<void> {
    if (isTerminal(this.state.status)) return;
    this.state = withTransition(this.state, status, Date.now());
    await this.save();
  }

  private save(): Promise<void> {
    this.saving = this.saving.catch(() => undefined).then(() => this.folder.write('state', this.state));
    return this.saving;
  }
}

/** The first 1024 characters of a file: '' where there is none, null where they are not UTF-8. */
async function readHead(file: string): Promise<string | null> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return '';
  try {
    const bytes = Buffer.alloc(MAX_REASON_LENGTH);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    // `stream` leaves out a character that the limit cuts in two.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead), { stream: true });
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}
