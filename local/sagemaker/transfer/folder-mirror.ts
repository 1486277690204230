import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { listFolderFiles } from './folder-files';
import { blamingClient } from '../jobs/job-failure';
import type { MirrorPlan } from '../jobs/job-plan';
import { below } from './s3-location';
import { deleteObject, uploadFile } from './s3-transfer';

/**
 * Brings a prefix up to date with a folder again and again: Continuous outputs and checkpoints. A file changed while it
 * was being read is uploaded once more the next time; what others put under the prefix is never fetched.
 */
export class FolderMirror {
  /** Relative path to the size and time of the version that the prefix has. */
  private readonly uploaded = new Map<string, string>();
  private syncing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly s3: S3Client,
    private readonly plan: MirrorPlan,
    private readonly folder: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Marks the folder's present files, restored checkpoints, as already uploaded. */
  async adopt(): Promise<void> {
    for (const { relative, size, modifiedMs } of await listFolderFiles(this.folder)) {
      this.uploaded.set(relative, version(size, modifiedMs));
    }
  }

  /** Syncs every `intervalMs` until `finish`. A failed sync is tried again the next time. */
  start(intervalMs: number, onError: (error: unknown) => void): void {
    this.timer = setInterval(() => {
      this.sync().catch(onError);
    }, intervalMs);
  }

  /** Syncs a last time; unlike earlier syncs, this one rejects where it fails. */
  async finish(): Promise<void> {
    clearInterval(this.timer);
    await this.sync();
  }

  /** One sync at a time: a later call waits for the one under way. */
  private sync(): Promise<void> {
    const run = this.syncing.then(() => blamingClient('Artifact upload failed:', () => this.syncOnce()));
    this.syncing = run.catch(() => undefined);
    return run;
  }

  private async syncOnce(): Promise<void> {
    const files = await listFolderFiles(this.folder);
    for (const { relative, size, modifiedMs } of files) {
      if (this.uploaded.get(relative) === version(size, modifiedMs)) continue;
      try {
        await uploadFile(this.s3, path.join(this.folder, relative), below(this.plan.target, relative), this.signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue; // deleted since it was listed
        throw error;
      }
      this.uploaded.set(relative, version(size, modifiedMs));
    }
    if (!this.plan.checkpoints) return;
    const present = new Set(files.map(({ relative }) => relative));
    for (const relative of [...this.uploaded.keys()].filter((known) => !present.has(known))) {
      await deleteObject(this.s3, below(this.plan.target, relative), this.signal);
      this.uploaded.delete(relative);
    }
  }
}

function version(size: number, modifiedMs: number): string {
  return `${size}/${modifiedMs}`;
}
