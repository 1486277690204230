import { estimate, uncalibrated, type Estimate } from '../../../contracts/estimates/estimate';
import { secondsLeft, type Progressing } from '../../../contracts/estimates/time-left';
import { estimateWords, timeLeftWords } from '../../../contracts/estimates/words';

/** Each stage takes 100 to 200 s; 40 to 80 s are for all the rest. */
const made: Estimate = {
  ...estimate({ photos: { low: 50, high: 50 }, megapixels: null, preset: 'standard', options: {} }, uncalibrated(null)),
  machineSeconds: { low: 300, high: 600 },
  seconds: { low: 340, high: 680 },
};
const known: Estimate = {
  ...made,
  stages: made.stages.map((stage) => ({ ...stage, seconds: { low: 100, high: 200 } })),
};
const left = (changes: Partial<Progressing> = {}) =>
  secondsLeft({ preset: 'standard', estimate: known, done: [], machine: null, ...changes });
const working = (
  stage: NonNullable<Progressing['machine']>['stage'],
  seconds: number,
  changes: Partial<NonNullable<Progressing['machine']>> = {},
) => ({ stage, seconds, resumed: false, phase: null, fraction: null, ...changes });

test('before the first machine everything is left; after the last one only publishing', () => {
  expect(left()).toEqual(known.seconds);
  expect(left({ done: ['sfm', 'training', 'compression'] })).toEqual({ low: 10, high: 20 });
});

test('what a machine has worked is over, and so are stages that are done', () => {
  expect(left({ machine: working('sfm', 60) })).toEqual({ low: 40 + 200 + 30, high: 140 + 400 + 60 });
  expect(left({ done: ['sfm'], machine: working('training', 60) })).toEqual({
    low: 40 + 100 + 20,
    high: 140 + 200 + 40,
  });
});

test('a machine that was asked for and does not work yet has all of its time before it', () => {
  expect(left({ machine: working('sfm', 0) })).toEqual(known.seconds);
});

test('a stage that is past its range has something left, and never less than nothing', () => {
  const { low, high } = left({ done: ['sfm', 'training'], machine: working('compression', 1000) });
  expect(low).toBe(10);
  expect(high).toBe(250 + 20);
});

test("training's fraction narrows the range; that of another phase, or of a resumed attempt, says nothing", () => {
  const done = ['sfm'] as const;
  const machine = working('training', 90, { phase: 'train', fraction: 0.9 });
  const narrowed = left({ done, machine });
  const by = (changes: object) => left({ done, machine: { ...machine, ...changes } });
  const without = by({ fraction: null });
  expect(narrowed.high).toBeLessThan(without.high - 50);
  expect(narrowed.low).toBeGreaterThanOrEqual(without.low);
  for (const changes of [{ phase: 'prepare' }, { resumed: true }, { fraction: 0.01 }])
    expect(by(changes)).toEqual(without);
});

test('a machine that is much slower than others is believed', () => {
  const slow = left({ done: ['sfm'], machine: working('training', 1000, { phase: 'train', fraction: 0.5 }) });
  expect(slow.low).toBeGreaterThan(700);
});

test.each([
  [{ lowSeconds: 700, highSeconds: 1500 }, '12 to 25 min left'],
  [{ lowSeconds: 50, highSeconds: 700 }, '50 s to 12 min left'],
  [{ lowSeconds: 3, highSeconds: 100 }, 'less than 2 min left'],
  [{ lowSeconds: 0, highSeconds: 0 }, 'less than 10 s left'],
  [{ lowSeconds: 9000, highSeconds: 9010 }, '2.5 h left'],
])('%j reads %j', (range, words) => {
  expect(timeLeftWords(range)).toBe(words);
});

test('an estimate in words says where it comes from', () => {
  expect(estimateWords({ ...known, usd: { low: 0.5, high: 1.25 } })).toBe('6 to 11 min, $0.50 to $1.25 (by a model)');
  const stages = known.stages.map((stage, index) => ({ ...stage, basis: 'ledger' as const, attempts: 12 + index }));
  expect(estimateWords({ ...known, basis: 'ledger', stages, usd: { low: 1, high: 1 } })).toBe(
    '6 to 11 min, $1.00 (by 12 or more jobs like it)',
  );
});
