import createClient from 'openapi-fetch';
import type { paths } from '../../contracts/generated/api';
import { NoAnswer, problemOf } from './problem';

/**
 * The API, typed by its own description. The browser sends the session's cookie by itself; no key is ever held here.
 * `await answer(api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } }, signal }))`
 */
export const api = createClient<paths>({ credentials: 'same-origin' });

/** What a call of `api` gives back. */
type Called<T> = Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>;

/**
 * The body of the answer that was asked for. Throws ApiProblem where the server refuses, NoAnswer where it cannot be
 * reached; an aborted call stays an AbortError.
 */
export async function answer<T>(called: Called<T>): Promise<T> {
  const { data, error, response } = await called.catch((failed: unknown) => {
    if (failed instanceof DOMException && failed.name === 'AbortError') throw failed;
    throw new NoAnswer({ cause: failed });
  });
  if (!response.ok) throw problemOf(response.status, error);
  return data as T;
}
