import { bounded, OverloadedError, sharing } from '../../platform/bounded';

/** Work that ends when it is told to. */
function work(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<null>();
  return {
    run: async () => {
      log.push(`begins ${name}`);
      await promise;
      return name;
    },
    end: () => resolve(null),
  };
}

test('so much runs at once, the rest in order, and what is too much is refused unbegun', async () => {
  const log: string[] = [];
  const inTurn = bounded(2, 1);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(log, name));
  if (!a || !b || !c || !d) throw new Error('four');
  const running = [a, b, c].map(({ run }) => inTurn(run));
  await expect(inTurn(d.run)).rejects.toThrow(OverloadedError);
  expect(log).toEqual(['begins a', 'begins b']);
  b.end();
  expect(await running[1]).toBe('b');
  expect(log).toEqual(['begins a', 'begins b', 'begins c']);
  const late = inTurn(d.run);
  for (const { end } of [a, c, d]) end();
  expect(await Promise.all([...running, late])).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails gives its place back', async () => {
  const inTurn = bounded(1, 0);
  await expect(inTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await inTurn(async () => 'yes')).toBe('yes');
});

test('who asks the same meanwhile gets the same answer, or the same failure; later it is asked anew', async () => {
  const share = sharing<number>();
  let asked = 0;
  const ask = async (): Promise<number> => (asked += 1);
  expect(await Promise.all([share('a', ask), share('a', ask), share('b', ask)])).toEqual([1, 1, 2]);
  expect(await share('a', ask)).toBe(3);
  const failing = (): Promise<number> => Promise.reject(new Error('away'));
  const answers = await Promise.allSettled([share('c', failing), share('c', failing)]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await share('c', ask)).toBe(4);
});
