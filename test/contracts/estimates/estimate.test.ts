import {
  calibrated,
  estimate,
  uncalibrated,
  type Calibration,
  type ComparableAttempt,
  type EstimatedJob,
  type Range,
} from '../../../contracts/estimates/estimate';
import { costUsd } from '../../../contracts/machines/prices';
import { PRESET, PRESETS } from '../../../contracts/stages/presets';
import { byStage, type Stage } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';

const job = (changes: Partial<EstimatedJob> = {}, photos = 100): EstimatedJob => ({
  photos: { low: photos, high: photos },
  megapixels: null,
  preset: 'standard',
  options: {},
  ...changes,
});
const AWS = uncalibrated(null);
const stageOf = (made: ReturnType<typeof estimate>, name: Stage) => made.stages.find(({ stage }) => stage === name)!;
const isRange = ({ low, high }: Range): boolean => low > 0 && low < high;

/** Attempts at SfM that each took so many seconds for a photo. */
const attempts = (secondsAPhoto: readonly number[], photos = 1000): ComparableAttempt[] =>
  secondsAPhoto.map((seconds) => ({ photos, options: {}, billedSeconds: seconds * photos }));
const withSfm = (of: readonly ComparableAttempt[]): Calibration => ({
  ...AWS,
  stages: { ...AWS.stages, sfm: calibrated('sfm', 'standard', of, null) },
});

test.each(PRESETS)('%s: the model gives ranges for every stage, and totals that are their sums', (preset) => {
  for (const localCores of [null, 2, 16]) {
    const made = estimate(job({ preset }), uncalibrated(localCores));
    expect(made.basis).toBe('model');
    for (const { stage, seconds, usd, instanceType, basis, attempts: compared } of made.stages) {
      expect([stage, isRange(seconds) || seconds.low === STAGE[stage].machines[preset].maxRuntimeSeconds]).toEqual([
        stage,
        true,
      ]);
      expect(usd.high).toBeCloseTo(costUsd(instanceType, seconds.high), 10);
      expect([basis, compared]).toEqual(['model', 0]);
    }
    expect(made.machineSeconds.high).toBeCloseTo(
      made.stages.reduce((sum, { seconds }) => sum + seconds.high, 0),
      6,
    );
    expect(made.usd.low).toBeCloseTo(
      made.stages.reduce((sum, { usd }) => sum + usd.low, 0),
      10,
    );
    expect(made.seconds.low).toBeGreaterThan(made.machineSeconds.low);
    expect(made.seconds.high).toBeGreaterThan(made.machineSeconds.high);
  }
});

test('the standard preset keeps its promise by the model: under 2 USD and 3 hours, for as many photos as it takes', () => {
  const made = estimate(job({}, PRESET.standard.maxPhotos), AWS);
  expect(made.usd.high).toBeLessThan(2);
  expect(made.seconds.high).toBeLessThan(3 * 3600);
});

test('more photos, larger photos, more iterations and more Gaussians take longer; no attempt longer than it may run', () => {
  const high = (changes: Partial<EstimatedJob>, photos?: number) => estimate(job(changes, photos), AWS).seconds.high;
  expect(high({}, 200)).toBeGreaterThan(high({}, 100));
  expect(high({ megapixels: 100 })).toBeGreaterThan(high({ megapixels: 10 }));
  expect(high({ options: { maxIterations: 20_000 } })).toBeGreaterThan(high({}));
  expect(high({ options: { maxGaussians: 4_000_000 } })).toBeGreaterThan(high({}));
  const longest = estimate(job({ options: { maxIterations: 100_000, iterationsPerPhoto: 0 } }), AWS);
  expect(stageOf(longest, 'training')).toMatchObject({
    seconds: { high: STAGE.training.machines.standard.maxRuntimeSeconds },
    exceedsLimit: true,
  });
  expect(stageOf(estimate(job(), AWS), 'training').exceedsLimit).toBe(false);
});

test('training takes longer with the photos until a cap is reached, and no longer for a cap that they are not worth', () => {
  const laptop = (photos: number, options = {}) =>
    stageOf(estimate(job({ preset: 'laptop', options }, photos), uncalibrated(2)), 'training').seconds.high;
  expect(laptop(40) / laptop(20)).toBeGreaterThan(1.8);
  expect(laptop(20, { maxIterations: 100_000 })).toBe(laptop(20));
  expect(laptop(300) / laptop(200)).toBeLessThan(1.2); // more photos are loaded, and no more is learned
});

test('a range of photos gives the time of the fewest to that of the most', () => {
  const both = estimate(job({ photos: { low: 50, high: 400 } }), AWS);
  expect(both.seconds.low).toBe(estimate(job({}, 50), AWS).seconds.low);
  expect(both.seconds.high).toBe(estimate(job({}, 400), AWS).seconds.high);
});

test('nine attempts are too few to be believed; from ten the tenth and ninetieth of a hundred make the range', () => {
  const nine = attempts([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(calibrated('sfm', 'standard', nine, null)).toBeNull();
  expect(stageOf(estimate(job(), withSfm(nine)), 'sfm')).toEqual(stageOf(estimate(job(), AWS), 'sfm'));

  const eleven = attempts([11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1].map((seconds) => seconds / 10));
  const sfm = stageOf(estimate(job({}, 1000), withSfm(eleven)), 'sfm');
  expect(sfm).toMatchObject({ basis: 'ledger', attempts: 11 });
  expect(sfm.seconds.low).toBeCloseTo(200, 6);
  expect(sfm.seconds.high).toBeCloseTo(1000, 6);
  // Half the photos take about half the time: a program's start is the rest.
  const half = stageOf(estimate(job({}, 500), withSfm(eleven)), 'sfm').seconds;
  expect(half.high).toBeGreaterThan(500);
  expect(half.high).toBeLessThan(520);
});

test('one attempt that took a hundred times as long moves nothing', () => {
  const usual = Array.from({ length: 20 }, () => 0.5);
  const without = stageOf(estimate(job(), withSfm(attempts(usual))), 'sfm');
  const beside = stageOf(estimate(job(), withSfm(attempts([...usual, 50]))), 'sfm');
  expect(beside.seconds).toEqual(without.seconds);
});

test('attempts with other options are compared with what the model says of those', () => {
  const work = (options: ComparableAttempt['options']) => {
    const { low, high } = stageOf(estimate(job({ options }), AWS), 'training').seconds;
    return Math.sqrt(low * high);
  };
  const short = { maxIterations: 1000 };
  const of = Array.from({ length: 10 }, () => ({ photos: 100, options: short, billedSeconds: 2 * work(short) }));
  const ledger = { ...AWS, stages: { ...AWS.stages, training: calibrated('training', 'standard', of, null) } };
  const whole = stageOf(estimate(job(), ledger), 'training');
  expect(whole.seconds.low).toBeCloseTo(2 * work({}), 6);
  expect(whole.seconds.high).toBeCloseTo(2 * work({}), 6);
});

test('the total is by the ledger only where every stage is', () => {
  const of = attempts(Array.from({ length: 10 }, () => 1));
  expect(estimate(job(), withSfm(of)).basis).toBe('model');
  const stages = byStage((stage) => calibrated(stage, 'standard', of, null));
  expect(estimate(job(), { ...AWS, stages }).basis).toBe('ledger');
});
