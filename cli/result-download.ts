import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JobView } from '../contracts/job/view';

export interface DownloadedResult {
  readonly sogPath: string;
  readonly plyPath: string;
}

/** Saves all files of a job's result below `folder`, in a folder with the job's name. Null where there is no result. */
export async function downloadResult(
  job: JobView,
  folder: string,
  signal: AbortSignal,
): Promise<DownloadedResult | null> {
  if (job.result === null) return null;
  const target = path.join(folder, job.jobId);
  await mkdir(target, { recursive: true });
  for (const { name, url } of job.result.files) {
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null)
      throw new Error(`${name} of job ${job.jobId} cannot be downloaded: status ${response.status}`);
    const file = path.join(target, path.basename(name));
    await pipeline(Readable.fromWeb(response.body), createWriteStream(`${file}.part`), { signal });
    await rename(`${file}.part`, file);
  }
  return { sogPath: path.join(target, 'scene.sog'), plyPath: path.join(target, 'model.ply') };
}
