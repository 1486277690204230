import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobKind } from './job-kind';
import type { MachineJobRecord, MachineJobState } from './job-record';
import type { ProcessIdentity } from '../../process-identity';
import { ifExists } from '../transfer/folder-files';

/** The supervisor that answers for a job, or null where the endpoint found that none had started. */
export type SupervisorClaim = { supervisor: ProcessIdentity } | { supervisor: null };

interface JobFiles {
  record: MachineJobRecord;
  claim: SupervisorClaim;
  /** Exists once a Stop call was accepted. */
  stop: { requestedAtMs: number };
  state: MachineJobState;
}

/**
 * One job on disk, the only thing that endpoint and supervisor share:
 *
 *     record.json       what Create fixed                 endpoint, once
 *     claim.json        the supervisor's identity         whoever is first, once
 *     stop.json         a Stop call was accepted          endpoint, once
 *     state.json        how far the job has come          supervisor; endpoint when that is dead
 *       its time        the supervisor's last tick
 *     log               one line a log event              supervisor, append only
 *     supervisor.log    the supervisor's own complaints
 *     tree/             what the container sees as /opt/ml
 *
 * Every JSON file is replaced by rename, so that a reader sees an old or a new version, never half of one.
 */
export class JobFolder {
  readonly tree: string;
  readonly log: string;
  readonly supervisorLog: string;

  constructor(readonly location: string) {
    this.tree = path.join(location, 'tree');
    this.log = path.join(location, 'log');
    this.supervisorLog = path.join(location, 'supervisor.log');
  }

  /**
   * Makes the folder of a new job appear with its record, tags and first state at once.
   * False when a job of this name has ever existed.
   */
  static async create(root: string, record: MachineJobRecord, state: MachineJobState): Promise<boolean> {
    const draft = new JobFolder(path.join(root, 'drafts', randomUUID()));
    const location = jobFolderPath(root, record.kind, record.name);
    try {
      await mkdir(draft.location, { recursive: true });
      await Promise.all([draft.write('record', record), draft.write('state', state)]);
      await mkdir(path.dirname(location), { recursive: true });
      await rename(draft.location, location);
      return true;
    } catch (error) {
      await rm(draft.location, { recursive: true, force: true });
      if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  }

  /** Where this and all other jobs are kept. */
  get root(): string {
    return path.resolve(this.location, '../../..');
  }

  /** Rejects where the file does not exist; record and state always do. */
  async read<F extends keyof JobFiles>(file: F): Promise<JobFiles[F]> {
    return JSON.parse(await readFile(this.fileOf(file), 'utf8')) as JobFiles[F];
  }

  find<F extends keyof JobFiles>(file: F): Promise<JobFiles[F] | undefined> {
    return ifExists(this.read(file));
  }

  async write<F extends Exclude<keyof JobFiles, 'claim'>>(file: F, content: JobFiles[F]): Promise<void> {
    const draft = this.temporaryName();
    try {
      await writeFile(draft, JSON.stringify(content));
      await rename(draft, this.fileOf(file));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  /** Notes that the supervisor works on the job at this moment, as the time of its state; costs no bytes. */
  async tick(): Promise<void> {
    const now = new Date();
    await utimes(this.fileOf('state'), now, now);
  }

  /** When the supervisor last ticked, or wrote the state. */
  async tickedAtMs(): Promise<number> {
    return (await stat(this.fileOf('state'))).mtimeMs;
  }

  /** True for exactly one caller in the life of a job, whatever the processes do. */
  async claim(claim: SupervisorClaim): Promise<boolean> {
    const draft = this.temporaryName();
    await writeFile(draft, JSON.stringify(claim));
    try {
      await link(draft, path.join(this.location, 'claim.json'));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async removeTree(): Promise<void> {
    await rm(this.tree, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Size of the log in bytes, 0 before the container's first line. */
  async logSize(): Promise<number> {
    return (await ifExists(stat(this.log)))?.size ?? 0;
  }

  private fileOf(file: keyof JobFiles): string {
    return path.join(this.location, `${file}.json`);
  }

  private temporaryName(): string {
    return path.join(this.location, `.${randomUUID()}.tmp`);
  }
}

export function jobFolderPath(root: string, kind: JobKind, name: string): string {
  return path.join(root, 'jobs', kind, name);
}

/** Where endpoint and supervisors note the faults of a fault plan that have occurred. */
export function firedFaultsFile(root: string): string {
  return path.join(root, 'faults-fired.jsonl');
}
