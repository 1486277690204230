const AT_ONCE = 4;

/**
 * Works on each of the items, four at a time. The first that fails is thrown, and aborts what the others are at by the
 * signal that they were given; `signal` aborts all.
 */
export async function severalAtOnce<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const waiting = items.values();
  const workNext = async (): Promise<void> => {
    for (const item of waiting) {
      either.throwIfAborted();
      await work(item, either);
    }
  };
  const workers = Array.from({ length: AT_ONCE }, workNext);
  try {
    await Promise.all(workers);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
}
