import { afterMemoryFailures } from '../../../contracts/machines/memory-ladder';
import { PRESET, PRESETS } from '../../../contracts/stages/presets';
import { STAGES } from '../../../contracts/stages/stage';

test('a training that ran out of memory gets smaller photos, then half the Gaussians too, then a larger machine, then no further attempt', () => {
  const { training } = PRESET.standard.settings;
  const after = (step: number, hasLarger = true) => afterMemoryFailures('training', training, step, hasLarger);
  const smallest = { ...training, imageSize: 1200, maxGaussians: 500_000 };
  expect(after(0)).toEqual({ settings: training, onLarger: false });
  expect(after(1)).toEqual({ settings: { ...training, imageSize: 1200 }, onLarger: false });
  expect(after(2)).toEqual({ settings: smallest, onLarger: false });
  expect(after(3)).toEqual({ settings: smallest, onLarger: true });
  expect(after(4)).toBeNull();
  expect(after(3, false)).toBeNull();
});

test('the survey preset gives up guided matching before anything else', () => {
  expect(afterMemoryFailures('sfm', PRESET.survey.settings.sfm, 1, true)?.settings).toMatchObject({
    guidedMatching: false,
    maxImageSize: 3072,
    maxNumFeatures: 16_384,
  });
});

test.each(PRESETS)('every rung of the preset %s keeps whole, positive numbers and all gates', (name) => {
  const { settings } = PRESET[name];
  for (const stage of STAGES)
    for (let step = 0; step < 3; step += 1) {
      const after = afterMemoryFailures(stage, settings[stage], step, false)?.settings;
      for (const [key, value] of Object.entries(after ?? {})) {
        if (typeof value === 'number' && key !== 'seed' && key !== 'shBands') expect(value).toBeGreaterThanOrEqual(-1);
        if (key === 'minPoints' || key === 'minRegisteredShare' || key === 'minRatio')
          expect(value).toBe(settings[stage][key as never]);
        if (/size|max|bands/i.test(key))
          expect(
            Number.isInteger(value) || typeof value === 'boolean' || !Number.isInteger(settings[stage][key as never]),
          ).toBe(true);
      }
    }
});
