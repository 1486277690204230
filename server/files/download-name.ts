import { jobName } from '../../contracts/job/words';
import type { JobRecord } from '../../contracts/job/record';

/** What a file is asked for: to be seen in a page, or to be saved under a name. */
export type FileUse =
  | 'show'
  | 'save'
  /** Under no name that the folder or archive of the photos gave the job. */
  | 'save without the name of the photos';

/** Characters of a name: with its ending it stays below the 255 bytes of file systems, also in four bytes each. */
const MAX_NAME_CHARACTERS = 50;

/**
 * The name under which a browser saves a file of a job: `Water tower-scene.sog`. It is good on every system: without
 * separators of paths, characters that Windows refuses, control characters and those that turn the direction of text.
 * A job without a name is called `spaceport-ID`.
 */
export function downloadName(
  { jobId, request }: Pick<JobRecord, 'jobId' | 'request'>,
  file: string,
  use: FileUse,
): string {
  const name = use === 'save' ? jobName(request) : (request.name ?? '');
  const safe = Array.from(name.normalize('NFC').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ''))
    .slice(0, MAX_NAME_CHARACTERS)
    .join('')
    .replace(/[\\/:*?"<>|%]+/g, '-')
    .replace(/^[\s.-]+|[\s.-]+$/g, '');
  return `${safe === '' ? `spaceport-${jobId}` : safe}-${file.replaceAll('/', '-')}`;
}
