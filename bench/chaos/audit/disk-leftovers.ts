import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Leftover } from './evidence';

/**
 * What the ended product has left on disk that belongs to nothing: trees of containers, halves of files, and bytes in
 * the object store that no object names.
 */
export async function diskLeftovers(stateFolder: string): Promise<Leftover[]> {
  const at = (...parts: string[]): string => path.join(stateFolder, ...parts);
  const trees = (await filesBelow(at('sagemaker', 'jobs'))).filter((file) =>
    file.includes(`${path.sep}tree${path.sep}`),
  );
  const drafts = [
    ...(await filesBelow(at('sagemaker', 'drafts'))),
    ...(await filesBelow(at('s3', 'scratch'))),
    ...(await filesBelow(at('mail'))).filter((file) => path.basename(file).startsWith('.draft-')),
    ...(await filesBelow(at('sagemaker', 'jobs'))).filter((file) => file.endsWith('.tmp')),
  ];
  return [
    ...trees.map((file) => ({ jobId: null, what: `the container's file ${path.relative(stateFolder, file)} is left` })),
    ...drafts.map((file) => ({
      jobId: null,
      what: `the half-written file ${path.relative(stateFolder, file)} is left`,
    })),
    ...(await orphanBlobs(at('s3'))),
  ];
}

async function orphanBlobs(root: string): Promise<Leftover[]> {
  const named = new Set<string>();
  for (const file of await filesBelow(path.join(root, 'buckets'))) {
    if (!file.endsWith('.json')) continue;
    for (const [, blob] of (await readFile(file, 'utf8')).matchAll(/"blob":"([0-9a-f]+)"/g))
      if (blob !== undefined) named.add(blob);
  }
  const orphans = (await filesBelow(path.join(root, 'blobs'))).filter((file) => !named.has(path.basename(file)));
  return orphans.map((file) => ({
    jobId: null,
    what: `the bytes ${path.relative(root, file)} in S3 belong to no object`,
  }));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
