import { afterMemoryFailures } from '../../../contracts/machines/memory-ladder';
import { PRESETS } from '../../../contracts/stages/presets';
import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';

test('a training that ran out of memory gets smaller photos, then half the Gaussians too, then a larger machine, then no further attempt', () => {
  const training = STAGE.training.settings.standard;
  const after = (step: number, hasLarger = true) => afterMemoryFailures('training', training, step, hasLarger);
  const smallest = { ...training, imageSize: 1200, maxGaussians: 500_000, pixelsPerGaussian: 180 };
  expect(after(0)).toEqual({ settings: training, onLarger: false });
  expect(after(1)).toEqual({ settings: { ...training, imageSize: 1200 }, onLarger: false });
  expect(after(2)).toEqual({ settings: smallest, onLarger: false });
  expect(after(3)).toEqual({ settings: smallest, onLarger: true });
  expect(after(4)).toBeNull();
  expect(after(3, false)).toBeNull();
});

test('the survey preset gives up guided matching before anything else', () => {
  expect(afterMemoryFailures('sfm', STAGE.sfm.settings.survey, 1, true)?.settings).toMatchObject({
    guidedMatching: false,
    maxImageSize: 3072,
    maxNumFeatures: 16_384,
  });
});

test.each(PRESETS)('every rung of the preset %s keeps whole, positive numbers and all gates', (name) => {
  for (const stage of STAGES) {
    const settings = STAGE[stage].settings[name];
    for (let step = 0; step < 3; step += 1) {
      const after = afterMemoryFailures(stage, settings, step, false)?.settings;
      for (const [key, value] of Object.entries(after ?? {})) {
        if (typeof value === 'number' && key !== 'seed' && key !== 'shBands') expect(value).toBeGreaterThanOrEqual(-1);
        if (key === 'minPoints' || key === 'minRegisteredShare' || key === 'minRatio')
          expect(value).toBe(settings[key as never]);
        if (/size|max|bands/i.test(key))
          expect(
            Number.isInteger(value) || typeof value === 'boolean' || !Number.isInteger(settings[key as never]),
          ).toBe(true);
      }
    }
  }
});
