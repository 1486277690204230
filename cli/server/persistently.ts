import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './spaceport-api';

/** Waits before a request is made again, seconds: a network that is away for two minutes is waited for. */
const WAITS_S = [0.5, 1, 2, 4, 8, 15, 30, 60];
/** How often a file is sent again that the storage refuses: a link may have expired, and nothing else will change. */
const MAX_REFUSALS = 2;

/** The storage did not take a file, or a part: that is tried again, with a new link. `message` is for people. */
export class StorageError extends Error {
  /** @param isRefusal it will not take the same again either */
  constructor(
    message: string,
    readonly isRefusal: boolean,
  ) {
    super(message);
  }
}

/** An answer to what was asked, and not to when. */
export const isRefusal = (status: number): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429;

/** fetch says so by a TypeError with a cause. */
function isOfNetwork(error: unknown): boolean {
  const { name, cause } = error as Partial<Error>;
  return name === 'TypeError' && cause !== undefined;
}

/** Makes a request again while the network, the server or the storage is away, or asks for patience. */
export async function persistently<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      const wait = WAITS_S[failures];
      const isRefused =
        error instanceof ApiError
          ? isRefusal(error.status)
          : error instanceof StorageError && error.isRefusal && failures >= MAX_REFUSALS;
      const isTemporary = error instanceof ApiError || error instanceof StorageError || isOfNetwork(error);
      if (wait === undefined || isRefused || !isTemporary) throw error;
      const asked = error instanceof ApiError ? (error.retryAfterS ?? 0) : 0;
      await sleep(Math.max(wait, asked) * 1000, undefined, { signal });
    }
  }
}
