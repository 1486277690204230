/** `task` for each item, at most `width` at once, results in order; reports how many are done. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  report: (progress: { readonly done: number; readonly total: number }) => void,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await task(items[index] as T);
      report({ done: (done += 1), total: items.length });
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
