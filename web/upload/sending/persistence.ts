import { ApiProblem, NoAnswer } from '../../api/problem';

/** Waits between tries, milliseconds; the last one for as long as it takes. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Waits until the time is over or the network is back, whichever is first. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** Whether the same request may succeed later: the network or the server is away, or asks for patience. */
export const isPassing = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof ApiProblem && (error.status >= 500 || error.status === 429));

/** How long to wait after so many failures. */
export const waitMs = (failures: number): number => WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 0;

/**
 * Makes a request again for as long as its failure may pass. Throws what will not pass, and AbortError.
 * @param onAway told true while it waits, and false when an answer has come
 */
export async function persistently<T>(
  request: () => Promise<T>,
  { wait, signal, onAway }: { readonly wait: Wait; readonly signal: AbortSignal; onAway(isAway: boolean): void },
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      const answered = await request();
      if (failures > 0) onAway(false);
      return answered;
    } catch (error) {
      if (!isPassing(error)) {
        onAway(false);
        throw error;
      }
      onAway(true);
      await wait(waitMs(failures), signal);
    }
  }
}

/** For browsers. */
export const waitForNetwork: Wait = (ms, signal) => {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const abort = (): void => reject(signal.reason as Error);
  const online = (): void => resolve(undefined);
  const timer = setTimeout(online, ms);
  addEventListener('online', online);
  signal.addEventListener('abort', abort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    removeEventListener('online', online);
    signal.removeEventListener('abort', abort);
  });
};
