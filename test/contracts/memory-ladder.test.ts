import { settingsAfterMemoryFailures } from '../../contracts/memory-ladder';
import { PRESET, PRESETS } from '../../contracts/presets';
import { STAGES } from '../../contracts/stages';

test('a training that ran out of memory gets half the Gaussians, then smaller photos too, then no further attempt', () => {
  const { training } = PRESET.standard.settings;
  expect(settingsAfterMemoryFailures('training', training, 0)).toEqual(training);
  expect(settingsAfterMemoryFailures('training', training, 1)).toEqual({ ...training, maxGaussians: 500_000 });
  expect(settingsAfterMemoryFailures('training', training, 2)).toEqual({ ...training, maxGaussians: 250_000, imageSize: 1200 });
  expect(settingsAfterMemoryFailures('training', training, 3)).toBeNull();
});

test('the survey preset gives up guided matching before anything else', () => {
  expect(settingsAfterMemoryFailures('sfm', PRESET.survey.settings.sfm, 1)).toMatchObject({ guidedMatching: false, maxImageSize: 3072, maxNumFeatures: 16_384 });
});

test.each(PRESETS)('every rung of the preset %s keeps whole, positive numbers and all gates', (name) => {
  const { settings } = PRESET[name];
  for (const stage of STAGES)
    for (let step = 0; step < 3; step += 1) {
      const after = settingsAfterMemoryFailures(stage, settings[stage], step);
      for (const [key, value] of Object.entries(after ?? {})) {
        if (typeof value === 'number' && key !== 'seed' && key !== 'shBands') expect(value).toBeGreaterThanOrEqual(-1);
        if (key === 'minPoints' || key === 'minRegisteredShare' || key === 'minRatio') expect(value).toBe(settings[stage][key as never]);
        if (/size|max|bands/i.test(key)) expect(Number.isInteger(value) || typeof value === 'boolean' || !Number.isInteger(settings[stage][key as never])).toBe(true);
      }
    }
});
