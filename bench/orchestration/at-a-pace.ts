import { setTimeout as delay } from 'node:timers/promises';

/** Does `work` for each item, `atOnce` at a time, each not sooner than `everyMs` after the one before. */
export async function atAPace<T, R>(
  items: readonly T[],
  { atOnce, everyMs = 0 }: { atOnce: number; everyMs?: number },
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const startedMs = Date.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await delay(Math.max(0, startedMs + index * everyMs - Date.now()));
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
