import { Turns } from '../../../server/events/turns';

test('who has been due longest is next, and any two turns are apart', () => {
  const turns = new Turns(50);
  turns.ask('b', 20);
  turns.ask('a', 10);
  turns.ask('later', 500);
  expect(turns.take(5)).toBeNull();
  expect(turns.take(100)).toBe('a');
  expect(turns.take(120)).toBeNull();
  expect(turns.nextMs()).toBe(150);
  expect(turns.take(150)).toBe('b');
  expect(turns.take(300)).toBeNull();
  expect(turns.nextMs()).toBe(500);
});

test('a turn is brought forward, and never put off', () => {
  const turns = new Turns(0);
  turns.ask('a', 100);
  turns.ask('a', 30);
  turns.ask('a', 200);
  expect(turns.nextMs()).toBe(30);
  turns.forget('a');
  expect(turns.nextMs()).toBeNull();
});

test('100 that each ask for a turn a second have one every five seconds, at 20 turns a second', () => {
  const turns = new Turns(50);
  const taken = new Map<string, number[]>();
  for (let i = 0; i < 100; i += 1) turns.ask(`job ${i}`, 0);
  for (let nowMs = 0; nowMs < 30_000; nowMs += 10) {
    const name = turns.take(nowMs);
    if (name === null) continue;
    taken.set(name, [...(taken.get(name) ?? []), nowMs]);
    turns.ask(name, nowMs + 1000);
  }
  expect(taken.size).toBe(100);
  for (const times of taken.values()) {
    expect(times).toHaveLength(6);
    times.slice(1).forEach((time, index) => expect(time - times[index]!).toBe(5000));
  }
});
