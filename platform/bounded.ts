/** More work waits than may. */
export class OverloadedError extends Error {}

/** Runs work, at most so much at once; the rest waits in order. */
export type Bounded = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * @param atOnce how many pieces of work run at the same time
 * @param waiting how many may wait: more are refused with OverloadedError, without being begun
 */
export function bounded(atOnce: number, waiting = Infinity): Bounded {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw new OverloadedError(`${queue.length} pieces of work wait already`);
      // Whoever ends hands its place over, so that nobody who comes later takes it.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Answers of calls under way, by what was asked: who asks the same meanwhile gets the same answer. */
export function sharing<T>(): (question: string, ask: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (question, ask) => {
    const known = underWay.get(question);
    if (known !== undefined) return known;
    const answer = ask().finally(() => underWay.delete(question));
    underWay.set(question, answer);
    return answer;
  };
}
