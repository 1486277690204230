import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { pack, type Pack } from 'tar-stream';
import { listFolderFiles, type FolderFile } from './folder-files';
import { blamingClient } from '../jobs/job-failure';
import type { OutputPlan } from '../jobs/job-plan';
import { below } from './s3-location';
import { forEachConcurrently, uploadFile, uploadStream } from './s3-transfer';

const CONCURRENT_UPLOADS = 4;

/** Uploads one output folder as its plan says. Throws JobFailure where the target refuses it. */
export async function uploadOutput(s3: S3Client, output: OutputPlan, tree: string, signal: AbortSignal): Promise<void> {
  const folder = path.join(tree, output.folder);
  const files = await listFolderFiles(folder);
  if (files.length === 0 && output.skipEmpty) return;
  await blamingClient('Artifact upload failed:', async () => {
    if (output.form === 'archive') return uploadArchive(s3, folder, files, output, signal);
    return forEachConcurrently(files, CONCURRENT_UPLOADS, ({ relative }) =>
      uploadFile(s3, path.join(folder, relative), below(output.target, relative), signal),
    );
  });
}

async function uploadArchive(
  s3: S3Client,
  folder: string,
  files: readonly FolderFile[],
  { target }: OutputPlan,
  signal: AbortSignal,
): Promise<void> {
  const archive = pack();
  // Splats hardly compress further: the fastest level costs a third of the default's time.
  const gzip = createGzip({ level: 1 });
  const results = await Promise.allSettled([
    uploadStream(s3, gzip, target, signal),
    pipeline(archive, gzip),
    appendFiles(archive, folder, files).catch((error: unknown) => {
      archive.destroy(error as Error);
      throw error;
    }),
  ]);
  const broken = results.find((result) => result.status === 'rejected');
  if (broken) throw broken.reason;
}

async function appendFiles(archive: Pack, folder: string, files: readonly FolderFile[]): Promise<void> {
  for (const { relative, size, modifiedMs } of files) {
    const entry = archive.entry({ name: relative, size, mtime: new Date(modifiedMs), mode: 0o644 });
    // A file that grows meanwhile is cut at the size its header announced.
    const content = size === 0 ? Readable.from([]) : createReadStream(path.join(folder, relative), { end: size - 1 });
    await pipeline(content, entry);
  }
  archive.finalize();
}
