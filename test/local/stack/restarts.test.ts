import { Restarts } from '../../../local/stack/restarts';

const LIMIT = { times: 3, withinMs: 60_000 };

test('a part that dies is started again after ever longer pauses, and given up when it dies too often', () => {
  const restarts = new Restarts(LIMIT);
  const pauses = [0, 10_000, 20_000].map((nowMs) => restarts.afterDeath(nowMs));
  expect(pauses).toEqual(pauses.toSorted((a, b) => a! - b!));
  expect(new Set(pauses).size).toBe(3);
  expect(restarts.inWords).toBe('3 of at most 3 times in 1 minutes');
  expect(restarts.afterDeath(30_000)).toBeNull();
});

test('deaths of long ago do not count', () => {
  const restarts = new Restarts(LIMIT);
  for (let hour = 0; hour < 24; hour += 1) expect(restarts.afterDeath(hour * 3_600_000)).toBe(250);
});
