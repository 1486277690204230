import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tag } from '../api/request-shapes';
import type { JobKind } from './job-kind';
import type { MachineJobRecord, MachineJobState } from './job-record';
import type { ProcessIdentity } from '../../process-identity';

/** Who answers for a job: its supervisor, or nobody because the endpoint found that none had started. */
export type SupervisorClaim = { supervisor: ProcessIdentity } | { supervisor: null };

/**
 * One job on disk, the only thing that endpoint and supervisor share:
 *
 *     record.json       what Create fixed                 endpoint, once
 *     tags.json         tags changed since                endpoint
 *     claim.json        the supervisor's identity         whoever is first, once
 *     stop.json         a Stop call was accepted          endpoint, once
 *     state.json        how far the job has come          supervisor; endpoint when that is dead
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
  static async create(root: string, record: MachineJobRecord, state: MachineJobState): Promise<JobFolder | false> {
    const draft = new JobFolder(path.join(root, 'drafts', randomUUID()));
    await mkdir(draft.location, { recursive: true });
    await Promise.all([draft.write('record.json', record), draft.write('state.json', state)]);
    const folder = new JobFolder(jobFolderPath(root, record.kind, record.name));
    await mkdir(path.dirname(folder.location), { recursive: true });
    try {
      await rename(draft.location, folder.location);
      return folder;
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

  readRecord(): Promise<MachineJobRecord> {
    return this.read<MachineJobRecord>('record.json');
  }

  readState(): Promise<MachineJobState> {
    return this.read<MachineJobState>('state.json');
  }

  writeState(state: MachineJobState): Promise<void> {
    return this.write('state.json', state);
  }

  async readTags(): Promise<Tag[] | undefined> {
    return ifExists(this.read<Tag[]>('tags.json'));
  }

  writeTags(tags: Tag[]): Promise<void> {
    return this.write('tags.json', tags);
  }

  readClaim(): Promise<SupervisorClaim | undefined> {
    return ifExists(this.read<SupervisorClaim>('claim.json'));
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

  requestStop(nowMs: number): Promise<void> {
    return this.write('stop.json', { requestedAtMs: nowMs });
  }

  /** When a Stop call was accepted, or undefined. */
  async stopRequestedAtMs(): Promise<number | undefined> {
    return (await ifExists(this.read<{ requestedAtMs: number }>('stop.json')))?.requestedAtMs;
  }

  async removeTree(): Promise<void> {
    await rm(this.tree, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Size of the log in bytes, 0 before the container's first line. */
  async logSize(): Promise<number> {
    return (await ifExists(stat(this.log)))?.size ?? 0;
  }

  private async read<T>(name: string): Promise<T> {
    return JSON.parse(await readFile(path.join(this.location, name), 'utf8')) as T;
  }

  private async write(name: string, value: unknown): Promise<void> {
    const draft = this.temporaryName();
    await writeFile(draft, JSON.stringify(value));
    await rename(draft, path.join(this.location, name));
  }

  private temporaryName(): string {
    return path.join(this.location, `.${randomUUID()}.tmp`);
  }
}

export function jobFolderPath(root: string, kind: JobKind, name: string): string {
  return path.join(root, 'jobs', kind, name);
}

/** Where endpoint and supervisors note the faults of a fault plan that have befallen somebody. */
export function firedFaultsFile(root: string): string {
  return path.join(root, 'faults-fired.jsonl');
}

async function ifExists<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
