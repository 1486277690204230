import { shownFile } from '../ui/address';
import { NoAnswer, problemOf } from './problem';

/**
 * A JSON file that a job has published; null where it has none. Throws ApiProblem, and NoAnswer where server or storage
 * cannot be reached.
 */
export async function publishedJson(jobId: string, file: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(shownFile(jobId, file), { credentials: 'same-origin', signal }).catch(
    (cause: unknown) => {
      throw signal.aborted ? cause : new NoAnswer({ cause });
    },
  );
  if (response.status === 404) return null;
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return (await response.json()) as unknown;
}
