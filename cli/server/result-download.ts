import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JobView } from '../../contracts/job/view';
import { filesNamedIn } from './named-files';
import { persistently } from './persistently';
import { severalAtOnce } from './several-at-once';
import type { SpaceportApi } from './spaceport-api';

export interface DownloadedResult {
  readonly folder: string;
  readonly sogPath: string;
  readonly plyPath: string;
}

/**
 * Saves all files of a job's result below `folder`, in a folder with the job's id, and what they name: the pieces of a
 * streamed scene and of tiles. Null where there is no result.
 */
export async function downloadResult(
  api: SpaceportApi,
  { jobId, result }: Pick<JobView, 'jobId' | 'result'>,
  folder: string,
  signal: AbortSignal,
): Promise<DownloadedResult | null> {
  if (result === null) return null;
  const target = path.resolve(folder, jobId);
  const save = async (name: string, until: AbortSignal): Promise<readonly string[]> => {
    const file = path.resolve(target, ...name.split('/'));
    if (!file.startsWith(target + path.sep)) throw new Error(`"${name}" is no name of a file below a folder`);
    await mkdir(path.dirname(file), { recursive: true });
    await persistently(async () => {
      const { body } = await api.artifact(jobId, name, until);
      await pipeline(body === null ? Readable.from([]) : Readable.fromWeb(body), createWriteStream(`${file}.part`), {
        signal: until,
      });
    }, until);
    await rename(`${file}.part`, file);
    return filesNamedIn(name, file);
  };

  const known = new Set<string>();
  for (let names = result.files.map(({ name }) => name); names.length > 0;) {
    for (const name of names) known.add(name);
    const named = new Set<string>();
    await severalAtOnce(names, signal, async (name, until) => {
      for (const other of await save(name, until)) named.add(other);
    });
    names = [...named].filter((name) => !known.has(name));
  }
  return { folder: target, sogPath: path.join(target, 'scene.sog'), plyPath: path.join(target, 'model.ply') };
}
