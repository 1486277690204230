import fc from 'fast-check';
import { parseJobOptions, stageSettings } from '../../../contracts/stages/options';
import { problemSentence, problemsOf } from '../../../contracts/messages/parsed';
import { parseAccept, parseCancel, parseRetry } from '../../../contracts/messages/signals';

test('a cancel is understood whatever comes with it', () => {
  expect(parseCancel({ reason: ' rain ', by: ' Ada ' })).toEqual({ reason: 'rain', by: 'Ada' });
  for (const payload of [undefined, null, 7, 'text', [], {}, { reason: 5, by: {} }])
    expect(parseCancel(payload)).toEqual({ reason: 'no reason given', by: 'a signal' });
  expect(parseCancel({ reason: 'x'.repeat(9000) }).reason).toHaveLength(500);
});

test('an accept is understood whatever comes with it', () => {
  expect(parseAccept({ by: 'Ada' })).toEqual({ by: 'Ada' });
  expect(parseAccept({ by: 'x'.repeat(9000) }).by).toHaveLength(100);
  for (const payload of [undefined, null, 7, 'text', [], {}]) expect(parseAccept(payload)).toEqual({ by: 'a signal' });
});

test('a retry without a payload means the failed stage, unchanged', () => {
  for (const payload of [undefined, null, {}])
    expect(parseRetry(payload)).toEqual({ ok: true, value: { fromStage: null, options: {} } });
});

test('a retry takes a stage and allow-listed options', () => {
  expect(parseRetry({ fromStage: 'training', options: { maxGaussians: 5000 } })).toEqual({
    ok: true,
    value: { fromStage: 'training', options: { maxGaussians: 5000 } },
  });
});

test('a retry may raise the limits that had ended the job', () => {
  expect(parseRetry({ budgetUsd: 5, maxHours: 2 })).toEqual({
    ok: true,
    value: { fromStage: null, options: {}, budgetUsd: 5, maxHours: 2 },
  });
  expect(parseRetry({ budgetUsd: -1 })).toEqual({
    ok: false,
    problems: [{ field: 'budgetUsd', message: 'must be a number from 0.01 to 10000' }],
  });
});

test('a retry may rent otherwise', () => {
  expect(parseRetry({ capacity: 'on-demand' })).toEqual({
    ok: true,
    value: { fromStage: null, options: {}, capacity: 'on-demand' },
  });
  expect(parseRetry({ capacity: 'free' })).toEqual({
    ok: false,
    problems: [{ field: 'capacity', message: 'must be one of on-demand, spot' }],
  });
});

test('everything that is wrong with a retry is said at once', () => {
  const parsed = parseRetry({
    from: 'sfm',
    fromStage: 'upload',
    options: { maxGaussians: 1, image: 'evil', shBands: 1.5, geoidOffsetM: 110.1 },
  });
  expect(problemSentence(problemsOf(parsed)).split('; ')).toEqual([
    'from is unknown',
    'known are fromStage, options, budgetUsd, maxHours, capacity',
    'fromStage must be one of sfm, training, compression',
    'options.maxGaussians must be a whole number from 1000 to 4000000',
    'options.image is unknown',
    'known are maxNumFeatures, geoidOffsetM, imageSize, maxIterations, iterationsPerPhoto, maxGaussians, ' +
      'pixelsPerGaussian, shBands, targetRatio, spz, html, phoneGaussians, streamAbove, topdown, orthophoto, pointCloud, tiles, epsg, ' +
      'groundResolutionMm',
    'options.shBands must be a whole number from 0 to 3',
    'options.geoidOffsetM must be a number from -110 to 110',
  ]);
  expect(problemSentence(problemsOf(parseRetry([])))).toBe('the payload must be an object');
});

test('an offset of the geoid has parts of a metre, and no number is an infinite or missing one', () => {
  expect(parseJobOptions({ geoidOffsetM: -47.35 })).toEqual({ ok: true, value: { geoidOffsetM: -47.35 } });
  for (const geoidOffsetM of [NaN, Infinity, '47', null]) expect(parseJobOptions({ geoidOffsetM }).ok).toBe(false);
});

test('no payload makes a parser throw', () => {
  fc.assert(
    fc.property(fc.anything(), (payload) => {
      parseCancel(payload);
      parseRetry(payload);
    }),
  );
});

test('names that every object has are no options', () => {
  expect(parseJobOptions(JSON.parse('{"__proto__":1,"constructor":2,"toString":3}'))).toMatchObject({
    problems: { length: 3 },
  });
});

test('a larger training size makes structure from motion prepare larger photos', () => {
  const settings = stageSettings('preview', { imageSize: 1200 });
  expect(settings.training.imageSize).toBe(1200);
  expect(settings.sfm.trainingImageSize).toBe(1200);
});
