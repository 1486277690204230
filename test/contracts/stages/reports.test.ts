import { parseStageReport, warningsOf } from '../../../contracts/stages/reports';

const accepted = { ok: true, code: null, message: null };
const sfm = {
  stage: 'sfm',
  metrics: { photos: 18, registered: 18, points: 1500 },
  verdict: accepted,
  seconds: 20,
  peakMb: 900,
};

test('S02: warnings of the stages are listed in their order; results without any have none', () => {
  const metrics = { ...sfm.metrics, reprojectionErrorPx: 0.6 };
  expect(warningsOf({ sfm: { ...metrics, warnings: ['not georeferenced'] } })).toEqual(['not georeferenced']);
  expect(warningsOf({ sfm: metrics })).toEqual([]);
  expect(warningsOf({})).toEqual([]);
});

test('a report of another stage, without a verdict, or without a metric that the gate needs is no report', () => {
  expect(parseStageReport('sfm', sfm)).toMatchObject({ metrics: { points: 1500 } });
  for (const bad of [
    null,
    [],
    'x',
    { ...sfm, stage: 'training' },
    { ...sfm, verdict: undefined },
    { ...sfm, metrics: { photos: 18 } },
    { ...sfm, metrics: { ...sfm.metrics, points: NaN } },
  ])
    expect(parseStageReport('sfm', bad)).toBeNull();
});

test('a rejection needs a code of the failure table, and no metrics', () => {
  expect(
    parseStageReport('sfm', { ...sfm, metrics: {}, verdict: { ok: false, code: 'TOO_FEW_POINTS', message: 'none' } }),
  ).not.toBeNull();
  expect(parseStageReport('sfm', { ...sfm, verdict: { ok: false, code: 'BECAUSE', message: 'none' } })).toBeNull();
});
