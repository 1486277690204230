import type { ChildProcess } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../api-error';
import { removeContainer } from '../containers/container-process';
import { JobFolder, jobFolderPath, type SupervisorClaim } from './job-folder';
import { JOB_KINDS, type JobKind } from './job-kind';
import {
  failed,
  initialState,
  INTERNAL_SERVER_ERROR,
  isTerminal,
  withTransition,
  type MachineJobRecord,
  type MachineJobState,
} from './job-record';
import { isAlive, sendSignal } from '../../process-identity';
import { launchSupervisor, type SupervisorLauncher } from './supervisor-launcher';

/** A job as the endpoint knows it. */
export interface Job {
  readonly record: MachineJobRecord;
  readonly folder: JobFolder;
  /** As last read; `JobRegistry.current` reads it again. */
  state: MachineJobState;
  /** When its supervisor last ticked, as of then. */
  tickedAtMs: number;
  stopRequestedAtMs?: number | undefined;
  /** Only where this endpoint, not an earlier one, started it. */
  supervisor?: ChildProcess;
  /** Read once: it never changes. */
  claim?: SupervisorClaim | undefined;
  /** The refresh under way, which later ones wait for. */
  refreshing?: Promise<unknown> | undefined;
}

/** How often the endpoint looks after supervisors that it did not start itself. */
const LIVENESS_POLL_MS = 1_000;

/** A supervisor told to shut down has its processes killed and its state written well before. */
const SHUTDOWN_GRACE_MS = 10_000;

/**
 * All jobs that ever existed, from disk. Supervisors run the jobs: the registry reads their state, tells them to stop,
 * and ends as Failed the jobs whose supervisor has died.
 */
export class JobRegistry {
  private readonly jobs = new Map<string, Job>();
  private poll: NodeJS.Timeout | undefined;
  private closing = false;

  private constructor(
    private readonly root: string,
    private readonly launcher: SupervisorLauncher,
    /** Receives errors that have no caller. */
    private readonly complain: (error: unknown) => void,
  ) {}

  /** Reads the jobs below `root` (made if missing) and takes up those that an earlier endpoint left running. */
  static async open(
    root: string,
    launcher: SupervisorLauncher,
    complain: (error: unknown) => void,
  ): Promise<JobRegistry> {
    const registry = new JobRegistry(root, launcher, complain);
    await rm(path.join(root, 'drafts'), { recursive: true, force: true });
    for (const kind of JOB_KINDS) {
      const folder = path.join(root, 'jobs', kind);
      await mkdir(folder, { recursive: true });
      const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
      await Promise.all(entries.map(({ name }) => registry.load(kind, name)));
    }
    await registry.refreshAll();
    // Supervisors that will not tell this endpoint of their end.
    const inherited = ({ supervisor }: Job): boolean => !isRunning(supervisor);
    registry.poll = setInterval(() => void registry.refreshAll(inherited).catch(complain), LIVENESS_POLL_MS);
    registry.poll.unref();
    return registry;
  }

  /** The job with its state of this moment, or undefined. */
  async current(kind: JobKind, name: string): Promise<Job | undefined> {
    const job = this.jobs.get(jobKey(kind, name));
    if (job) await this.refresh(job);
    return job;
  }

  /** Every job of a kind with its state of this moment. */
  async list(kind: JobKind): Promise<Job[]> {
    await this.refreshAll();
    return [...this.jobs.values()].filter(({ record }) => record.kind === kind);
  }

  /**
   * Creates a job and starts its supervisor. `admit` is called with all jobs; it throws to refuse, or returns the
   * record to keep, and no other job comes in between. False when a job of this name has ever existed.
   */
  async create(requested: MachineJobRecord, admit: (jobs: readonly Job[]) => MachineJobRecord): Promise<boolean> {
    const key = jobKey(requested.kind, requested.name);
    if (this.jobs.has(key)) return false;
    await this.refreshAll();
    // No `await` from here to `set`.
    if (this.closing) throw new ApiError('ServiceUnavailable', 'The local SageMaker endpoint is shutting down.');
    if (this.jobs.has(key)) return false;
    const record = admit([...this.jobs.values()]);
    const folder = new JobFolder(jobFolderPath(this.root, record.kind, record.name));
    const { createdAtMs } = record;
    const job: Job = { record, folder, state: initialState(createdAtMs), tickedAtMs: createdAtMs };
    // The job must not be refreshed, and so found abandoned, before its supervisor has started.
    const starting = this.start(job);
    job.refreshing = Promise.allSettled([starting]);
    this.jobs.set(key, job);
    let created = false;
    try {
      created = await starting;
    } finally {
      job.refreshing = undefined;
      if (!created) this.jobs.delete(key);
    }
    return created;
  }

  /** Tells the supervisor of a job that is not at its end to stop it. */
  async stop(job: Job): Promise<void> {
    job.stopRequestedAtMs = Date.now();
    await job.folder.write('stop', { requestedAtMs: job.stopRequestedAtMs });
    // Without a claim the supervisor is still starting, and looks for the request by itself.
    await signalClaimant(job.folder, 'SIGUSR2');
  }

  /** Stops watching the jobs, which continue to run. */
  detach(): void {
    clearInterval(this.poll);
  }

  /** Ends every running job as a platform error. Resolves when none of their processes is left. */
  async shutdown(): Promise<void> {
    this.closing = true;
    this.detach();
    await this.refreshAll();
    // Ended jobs included: their supervisors may still be tidying up.
    await Promise.all([...this.jobs.values()].map((job) => this.shutDownJob(job)));
  }

  private async start(job: Job): Promise<boolean> {
    if (!(await JobFolder.create(this.root, job.record, job.state))) return false;
    try {
      job.supervisor = await launchSupervisor(this.launcher, job.folder);
      job.supervisor.once('exit', () => void this.refresh(job).catch(this.complain));
    } catch (error) {
      // The name is taken, as it would be at AWS: the job fails.
      this.complain(error);
    }
    return true;
  }

  private async load(kind: JobKind, name: string): Promise<void> {
    const folder = new JobFolder(jobFolderPath(this.root, kind, name));
    const [record, state, tickedAtMs, stop] = await Promise.all([
      folder.read('record'),
      folder.read('state'),
      folder.tickedAtMs(),
      folder.find('stop'),
    ]);
    const job: Job = { record, folder, state, tickedAtMs, stopRequestedAtMs: stop?.requestedAtMs };
    this.jobs.set(jobKey(kind, name), job);
    // A supervisor killed between its last status and its clean-up leaves the tree.
    if (isTerminal(state.status) && !record.keepTree && !(await this.supervisorLives(job))) await folder.removeTree();
  }

  private async refreshAll(which: (job: Job) => boolean = () => true): Promise<void> {
    await Promise.all([...this.jobs.values()].filter(which).map((job) => this.refresh(job)));
  }

  private async refresh(job: Job): Promise<void> {
    if (isTerminal(job.state.status)) return;
    job.refreshing ??= this.readAgain(job).finally(() => {
      job.refreshing = undefined;
    });
    await job.refreshing;
  }

  private async readAgain(job: Job): Promise<void> {
    // The order matters: a supervisor writes its last status before it ends.
    const alive = await this.supervisorLives(job);
    job.state = await job.folder.read('state');
    job.tickedAtMs = await job.folder.tickedAtMs();
    if (isTerminal(job.state.status)) return;
    if (!alive) await this.endAbandoned(job);
    else if (job.stopRequestedAtMs !== undefined && job.state.status === 'InProgress') {
      job.state = withTransition(job.state, 'Stopping', job.stopRequestedAtMs);
    }
  }

  private async supervisorLives(job: Job): Promise<boolean> {
    const { supervisor, folder } = job;
    if (supervisor) return isRunning(supervisor);
    const claim = (job.claim ??= await folder.find('claim'));
    if (claim) return claim.supervisor !== null && isAlive(claim.supervisor);
    // An endpoint died between making the job and hearing of its supervisor, which may be about to start: the first
    // to claim the job decides.
    return !(await folder.claim({ supervisor: null }));
  }

  /**
   * Ends a job whose supervisor has died, as if its machine were lost: kills the rest of the container. The job is
   * Stopped where a stop was accepted, otherwise Failed as a platform error. It is billed up to its last tick, however
   * long nobody was there to see that it was dead.
   */
  private async endAbandoned(job: Job): Promise<void> {
    if (job.state.container) await removeContainer(job.record.command, job.state.container);
    const nowMs = job.state.startedAtMs === undefined ? Date.now() : Math.max(job.state.startedAtMs, job.tickedAtMs);
    job.state =
      job.stopRequestedAtMs === undefined
        ? failed(job.state, INTERNAL_SERVER_ERROR, nowMs)
        : withTransition(job.state, 'Stopped', nowMs);
    await job.folder.write('state', job.state);
    if (!job.record.keepTree) await job.folder.removeTree();
  }

  private async shutDownJob(job: Job): Promise<void> {
    await signalSupervisor(job, 'SIGTERM');
    const deadlineMs = Date.now() + SHUTDOWN_GRACE_MS;
    let killed = false;
    while (await this.supervisorLives(job)) {
      if (!killed && Date.now() > deadlineMs) {
        killed = true;
        await signalSupervisor(job, 'SIGKILL');
      }
      await sleep(20);
    }
    await this.refresh(job);
  }
}

async function signalSupervisor({ supervisor, folder }: Job, signal: NodeJS.Signals): Promise<void> {
  if (supervisor) supervisor.kill(signal);
  else await signalClaimant(folder, signal);
}

async function signalClaimant(folder: JobFolder, signal: NodeJS.Signals): Promise<void> {
  const supervisor = (await folder.find('claim'))?.supervisor;
  if (supervisor && (await isAlive(supervisor))) sendSignal(supervisor.pid, signal);
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

function jobKey(kind: JobKind, name: string): string {
  return `${kind}/${name}`;
}
