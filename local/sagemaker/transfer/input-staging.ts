import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { s3Uri, type S3Location } from '../../../contracts/storage/location';
import { blamingClient, JobFailure } from '../jobs/job-failure';
import type { InputPlan, MirrorPlan } from '../jobs/job-plan';
import { parseS3Uri, relativeKey, staysBelow } from './s3-location';
import { downloadObject, forEachConcurrently, listObjects, readObject } from './s3-transfer';

interface Download {
  source: S3Location;
  /** Below the input's folder. */
  relative: string;
}

/** Photos are a few MB each: eight at a time keep a local disk busy. */
const CONCURRENT_DOWNLOADS = 8;

/**
 * Fetches the objects of one input below its folder.
 * Throws JobFailure for an input that is not there, is malformed, or has a key that would leave the folder.
 */
export async function stageInput(s3: S3Client, input: InputPlan, tree: string, signal: AbortSignal): Promise<void> {
  await blamingClient('Failed to download data.', async () => {
    const downloads =
      input.dataType === 'ManifestFile'
        ? await readManifest(s3, input.source, signal)
        : await listPrefix(s3, input.source, signal);
    if (downloads.length === 0) {
      throw downloadFailure(`No S3 objects found under S3 URL "${s3Uri(input.source)}" given in input data source.`);
    }
    await download(s3, downloads, path.join(tree, input.folder), signal);
  });
}

/** Fetches the files that an earlier run left, if any. */
export async function restoreMirror(
  s3: S3Client,
  { folder, target }: MirrorPlan,
  tree: string,
  signal: AbortSignal,
): Promise<void> {
  const prefix = { ...target, key: target.key === '' || target.key.endsWith('/') ? target.key : `${target.key}/` };
  await blamingClient('Failed to download data.', async () => {
    await download(s3, await listPrefix(s3, prefix, signal), path.join(tree, folder), signal);
  });
}

async function listPrefix(s3: S3Client, source: S3Location, signal: AbortSignal): Promise<Download[]> {
  const objects = await listObjects(s3, source, signal);
  return objects
    .filter(({ key }) => !key.endsWith('/')) // consoles leave empty objects as folder marks
    .map(({ key }) => ({ source: { bucket: source.bucket, key }, relative: relativeKey(source.key, key) }));
}

/** `[{"prefix": "s3://bucket/some/prefix/"}, "relative/key", ...]`, S3DataSource in the API reference. */
async function readManifest(s3: S3Client, source: S3Location, signal: AbortSignal): Promise<Download[]> {
  const malformed = (why: string): JobFailure => downloadFailure(`The manifest ${s3Uri(source)} is malformed: ${why}.`);
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readObject(s3, source, signal));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed('it is not JSON');
    throw error;
  }
  if (!Array.isArray(manifest)) throw malformed('it is not an array');
  const [head, ...keys] = manifest as unknown[];
  const prefix = parseS3Uri(String((head as { prefix?: unknown } | null)?.prefix));
  if (!prefix) throw malformed('its first entry is not {"prefix": "s3://..."}');
  return keys.map((key) => {
    if (typeof key !== 'string') throw malformed('an entry is not a string');
    return { source: { bucket: prefix.bucket, key: `${prefix.key}${key}` }, relative: key };
  });
}

async function download(
  s3: S3Client,
  downloads: readonly Download[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const escaping = downloads.find(({ relative }) => !staysBelow(relative));
  if (escaping)
    throw downloadFailure(`The key "${escaping.source.key}" does not name a file below the input's folder.`);
  await mkdir(folder, { recursive: true });
  await forEachConcurrently(downloads, CONCURRENT_DOWNLOADS, async ({ source, relative }) => {
    try {
      await downloadObject(s3, source, path.join(folder, relative), signal);
    } catch (error) {
      // S3 may hold both `a` and `a/b`, a file system may not.
      if (!['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
      throw downloadFailure(`The key "${source.key}" cannot be a file beside the others.`);
    }
  });
}

function downloadFailure(cause: string): JobFailure {
  return new JobFailure(`ClientError: Failed to download data. ${cause}`);
}
