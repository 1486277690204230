import { isTolerable } from '../../../contracts/estimates/tolerable';
import { proposedPreset, type Estimate } from '../../../web/upload/form/proposal';
import { estimate, uncalibrated } from '../../../contracts/estimates/estimate';
import { DEFAULT_PRESET, PRESETS, type PresetName } from '../../../contracts/stages/presets';
import { presetViews } from '../../../server/catalogue/catalogue';
import type { Preset } from '../../../web/upload/form/options-form';

const presets = presetViews() as unknown as readonly Preset[];

const on =
  (localCores: number | null, photos: number) =>
  (preset: PresetName): Estimate =>
    estimate(
      { photos: { low: photos, high: photos }, megapixels: 12, preset, options: {} },
      uncalibrated(localCores),
    ) as unknown as Estimate;

const proposedOn = (cores: number | null, photos: number): PresetName =>
  proposedPreset(presets, DEFAULT_PRESET, on(cores, photos));

test('rented machines do the default, also of many photos', () => {
  expect([24, 300, 1000].map((photos) => proposedOn(null, photos))).toEqual(Array(3).fill(DEFAULT_PRESET));
});

test('a laptop without a GPU is offered a quality that it does within two hours, and none that takes longer', () => {
  const proposed = proposedOn(2, 100);
  expect(isTolerable(on(2, 100)(proposed))).toBe(true);
  const better = PRESETS.slice(PRESETS.indexOf(proposed) + 1, PRESETS.indexOf(DEFAULT_PRESET) + 1);
  expect(better).not.toEqual([]);
  expect(better.filter((name) => isTolerable(on(2, 100)(name)))).toEqual([]);
});

test('where all take long the quickest is proposed, and without any estimate the default', () => {
  const long: Estimate = { ...on(2, 24)('standard'), seconds: { low: 9000, high: 9000 } };
  expect(proposedPreset(presets, DEFAULT_PRESET, () => long)).toBe(presets[0]!.name);
  expect(proposedPreset(presets, DEFAULT_PRESET, () => undefined)).toBe(DEFAULT_PRESET);
});

test('a job that its machine may be stopped in is not tolerable, however quick', () => {
  const quick = on(null, 24)('preview');
  const stages = quick.stages.map((stage) => ({ ...stage, exceedsLimit: true }));
  expect([isTolerable(quick), isTolerable({ ...quick, stages })]).toEqual([true, false]);
});
