import { PRESETS } from '../../../contracts/stages/presets';
import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';
import { costUsd } from '../../../contracts/machines/prices';

test("the survey preset has exactly the survey's COLMAP parameters", () => {
  expect(STAGE.sfm.settings.survey).toMatchObject({
    maxImageSize: 4096,
    maxNumFeatures: 16_384,
    firstOctave: -1,
    numOctaves: 4,
    octaveResolution: 3,
    defaultFocalLengthFactor: 1.2,
    guidedMatching: true,
    maxRatio: 0.8,
    maxDistance: 0.7,
    crossCheck: true,
    maxNumMatches: 32_768,
  });
});

test.each(PRESETS)(
  'the preset %s trains at least 40 %% of its budget at full resolution and has a price for each machine',
  (name) => {
    const stages = STAGE.training.settings[name].resolutionStages;
    expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(stages.at(-1)).toMatchObject({ scale: 1 });
    expect(stages.at(-1)?.share).toBeGreaterThanOrEqual(0.4);
    for (const stage of STAGES) expect(costUsd(STAGE[stage].machines[name].instanceType, 3600)).toBeGreaterThan(0);
  },
);

test('the reference run costs what the requirements say', () => {
  const minutes = 60;
  expect(costUsd('ml.c6i.2xlarge', 25 * minutes)).toBeCloseTo(0.17);
  expect(costUsd('ml.g4dn.xlarge', 120 * minutes)).toBeCloseTo(1.47);
  expect(() => costUsd('ml.unknown', 1)).toThrow('no price');
});
