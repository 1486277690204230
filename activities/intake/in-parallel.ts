import { bounded } from '../../platform/bounded';

/** `task` for each item, at most `width` at once, results in order; reports how many are done. */
export function inParallel<T, R>(
  items: readonly T[],
  width: number,
  report: (progress: { readonly done: number; readonly total: number }) => void,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const inTurn = bounded(width);
  let done = 0;
  const reported = async (item: T): Promise<R> => {
    const result = await task(item);
    report({ done: (done += 1), total: items.length });
    return result;
  };
  return Promise.all(items.map((item) => inTurn(() => reported(item))));
}
