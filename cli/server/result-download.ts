import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JobView } from '../../contracts/job/view';
import type { SpaceportApi } from './spaceport-api';

export interface DownloadedResult {
  readonly folder: string;
  readonly sogPath: string;
  readonly plyPath: string;
}

/** Saves all files of a job's result below `folder`, in a folder with the job's id. Null where there is no result. */
export async function downloadResult(
  api: SpaceportApi,
  { jobId, result }: Pick<JobView, 'jobId' | 'result'>,
  folder: string,
  signal: AbortSignal,
): Promise<DownloadedResult | null> {
  if (result === null) return null;
  const target = path.resolve(folder, jobId);
  for (const { name } of result.files) {
    const file = path.resolve(target, ...name.split('/'));
    if (!file.startsWith(target + path.sep)) throw new Error(`"${name}" is no name of a file below a folder`);
    await mkdir(path.dirname(file), { recursive: true });
    const { body } = await api.artifact(jobId, name, signal);
    await pipeline(body === null ? Readable.from([]) : Readable.fromWeb(body), createWriteStream(`${file}.part`), {
      signal,
    });
    await rename(`${file}.part`, file);
  }
  return { folder: target, sogPath: path.join(target, 'scene.sog'), plyPath: path.join(target, 'model.ply') };
}
