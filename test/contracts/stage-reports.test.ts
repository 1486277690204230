import { gate } from '../../contracts/gates';
import { parseStageReport, type StageReport } from '../../contracts/stage-reports';

const accepted = { ok: true, code: null, message: null };
const sfm = { stage: 'sfm', metrics: { photos: 18, registered: 18, points: 1500 }, verdict: accepted, seconds: 20, peakMb: 900 };

test('a report of another stage, without a verdict, or without a metric that the gate needs is no report', () => {
  expect(parseStageReport('sfm', sfm)).toMatchObject({ metrics: { points: 1500 } });
  for (const bad of [null, [], 'x', { ...sfm, stage: 'training' }, { ...sfm, verdict: undefined }, { ...sfm, metrics: { photos: 18 } }, { ...sfm, metrics: { ...sfm.metrics, points: NaN } }])
    expect(parseStageReport('sfm', bad)).toBeNull();
});

test('a rejection needs a code of the failure table, and no metrics', () => {
  expect(parseStageReport('sfm', { ...sfm, metrics: {}, verdict: { ok: false, code: 'TOO_FEW_POINTS', message: 'none' } })).not.toBeNull();
  expect(parseStageReport('sfm', { ...sfm, verdict: { ok: false, code: 'BECAUSE', message: 'none' } })).toBeNull();
});

test.each([
  [{ photos: 18, registered: 18, points: 999 }, 'TOO_FEW_POINTS'],
  [{ photos: 18, registered: 9, points: 5000 }, 'TOO_FEW_REGISTERED'],
  [{ photos: 18, registered: 10, points: 1000 }, undefined],
])('structure from motion with %j gives %s', (metrics, code) => {
  expect(gate(parseStageReport('sfm', { ...sfm, metrics }) as StageReport, 'standard', {})?.code).toBe(code);
});

test('a model of 1.7 KB and one without an iteration are never called trained', () => {
  const training = (modelBytes: number, iterations: number): StageReport =>
    ({ ...sfm, stage: 'training', metrics: { gaussians: 31, iterations, evaluationWidth: 400, psnr: 20, ssim: 0.5, modelBytes } }) as unknown as StageReport;
  expect(gate(training(1700, 7000), 'standard', {})?.code).toBe('MODEL_TOO_SMALL');
  expect(gate(training(200_000, 0), 'standard', {})?.code).toBe('NOT_TRAINED');
});

test('a compressed scene must have as many Gaussians as the model', () => {
  const report = { ...sfm, stage: 'compression', metrics: { gaussians: 99, shBands: 1, bytes: 1, ratioSh3: 10 } } as unknown as StageReport;
  expect(gate(report, 'standard', { gaussians: 100 })?.code).toBe('SOG_INCOMPLETE');
  expect(gate(report, 'standard', { gaussians: 99 })).toBeNull();
});
