import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Leftover } from './evidence';

/**
 * What the ended product has left on disk that belongs to nothing: trees of containers, halves of files, and bytes in
 * the object store that no object names.
 */
export async function diskLeftovers(stateFolder: string): Promise<Leftover[]> {
  const at = (...parts: string[]): string => path.join(stateFolder, ...parts);
  const ofJobs = await filesBelow(at('sagemaker', 'jobs'));
  const trees = ofJobs.filter((file) => file.includes(`${path.sep}tree${path.sep}`));
  const drafts = [
    ...(await filesBelow(at('sagemaker', 'drafts'))),
    ...(await filesBelow(at('s3', 'scratch'))),
    ...(await filesBelow(at('mail'))).filter((file) => path.basename(file).startsWith('.draft-')),
    ...ofJobs.filter((file) => file.endsWith('.tmp')),
  ];
  const orphans = await orphanBlobs(at('s3'));
  const local = (file: string): string => path.relative(stateFolder, file);
  return [
    ...trees.map((file) => `the container's file ${local(file)} is left`),
    ...drafts.map((file) => `the half-written file ${local(file)} is left`),
    ...orphans.map((file) => `the bytes ${path.relative(at('s3'), file)} in S3 belong to no object`),
  ].map((what) => ({ jobId: null, what }));
}

async function orphanBlobs(root: string): Promise<string[]> {
  const named = new Set<string>();
  for (const file of await filesBelow(path.join(root, 'buckets'))) {
    if (!file.endsWith('.json')) continue;
    for (const [, blob] of (await readFile(file, 'utf8')).matchAll(/"blob":"([0-9a-f]+)"/g))
      if (blob !== undefined) named.add(blob);
  }
  return (await filesBelow(path.join(root, 'blobs'))).filter((file) => !named.has(path.basename(file)));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
