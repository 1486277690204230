import { FAILURES } from '../../../contracts/job/failures';
import type { GateBasis, GateVerdict } from '../../../contracts/stages/definition';
import { gate } from '../../../contracts/stages/reports';
import { stageSettings } from '../../../contracts/stages/options';
import type { StageReport } from '../../../contracts/stages/reports';
import type { Stage } from '../../../contracts/stages/stage';

const report = (stage: string, metrics: object): StageReport =>
  ({
    stage,
    metrics,
    verdict: { ok: true, code: null, message: null },
    seconds: 20,
    peakMb: 900,
  }) as unknown as StageReport;
const verdictOf = (of: StageReport, trained = 0, options: object = {}): GateVerdict =>
  gate(of, {
    settings: { ...stageSettings('standard', {})[of.stage], ...options },
    earlier: () => [{ gaussians: trained }],
  } as unknown as GateBasis<Stage>);
const REJECTED = { ok: false, code: 'TOO_FEW_REGISTERED', message: 'only 10 of 100 photos fit together' } as const;
const sfm = (registered: number, points: number): StageReport => report('sfm', { photos: 100, registered, points });

test.each([
  [100, 999, 'rejected', 'TOO_FEW_POINTS'],
  [40, 5000, 'rejected', 'TOO_FEW_REGISTERED'],
  [41, 5000, 'undecided', 'TOO_FEW_REGISTERED'],
  [50, 5000, 'undecided', 'TOO_FEW_REGISTERED'],
  [51, 1000, 'accepted', undefined],
  [45, 999, 'rejected', 'TOO_FEW_POINTS'],
])('%d of 100 photos registered with %d points: %s, %s', (registered, points, verdict, code) => {
  const result = verdictOf(sfm(registered, points));
  expect([result.verdict, result.failure?.code]).toEqual([verdict, code]);
});

test('advice fits what the photos lack, whether the program or the gate rejects them; other codes keep their own', () => {
  const lacking = { photos: 100, points: 5000, shortfall: 'overlap', aerial: true };
  for (const registered of [40, 45])
    expect(verdictOf(report('sfm', { ...lacking, registered })).failure?.advice).toMatch(/^Fly again/);
  const byProgram = { ...report('sfm', { ...lacking, registered: 10, aerial: false }), verdict: REJECTED };
  expect(verdictOf(byProgram).failure?.advice).toMatch(/^Take more photos/);
  const frame = { heightErrorM: 20, cameraDistance: 45 };
  const bent = verdictOf(report('sfm', { ...lacking, registered: 90, frame })).failure;
  expect(bent?.advice).toBe(FAILURES.MODEL_BENT.advice);
});

test.each([
  [null, 'accepted', undefined],
  [0, 'accepted', undefined],
  [8.9, 'accepted', undefined],
  [9.1, 'undecided', 'MODEL_BENT'],
])('heights %s m off their altitudes at 45 m from the scene: %s, %s', (heightErrorM, verdict, code) => {
  const frame = { heightErrorM, cameraDistance: 45 };
  const result = verdictOf(report('sfm', { photos: 100, registered: 100, points: 5000, frame }));
  expect([result.verdict, result.failure?.code]).toEqual([verdict, code]);
});

test('altitudes that drift by 4 m over a flight at 10 m raise no question', () => {
  const frame = { heightErrorM: 4, cameraDistance: 10 };
  expect(verdictOf(report('sfm', { photos: 18, registered: 18, points: 5000, frame })).verdict).toBe('accepted');
});

test('the question about a bent model names the error and the distance that it is to be compared with', () => {
  const frame = { heightErrorM: 20.4, cameraDistance: 45.2 };
  const result = verdictOf(report('sfm', { photos: 18, registered: 18, points: 5000, frame }));
  expect(result.failure?.message).toBe(
    'heights of cameras differ from their altitudes by up to 20 m, at 45 m from what they see',
  );
});

test.each([
  [false, 'accepted', undefined],
  [true, 'undecided', 'MODEL_DOUBLED'],
])('a model of which 37 of 72 pairs contradict, doubled %s: %s, %s', (doubled, verdict, code) => {
  const contradictions = { judgedPairs: 72, contradictingPairs: 37, doubled };
  const result = verdictOf(report('sfm', { photos: 18, registered: 18, points: 5000, contradictions }));
  expect([result.verdict, result.failure?.code]).toEqual([verdict, code]);
  if (doubled) expect(result.failure?.message).toMatch(/^37 of 72 pairs of photos show different things/);
});

test('S02: a scene in a plain frame is accepted, whatever its unit', () => {
  const frame = { heightErrorM: null, cameraDistance: 10, reason: '15 of 18 photos have the same GPS position' };
  expect(verdictOf(report('sfm', { photos: 18, registered: 18, points: 5000, frame })).verdict).toBe('accepted');
});

test("the program's own rejection comes first and is no question to anybody", () => {
  const rejected = {
    ...sfm(45, 5000),
    verdict: { ok: false, code: 'TOO_FEW_POINTS' as const, message: 'only 31 points' },
  };
  expect(verdictOf(rejected)).toMatchObject({
    verdict: 'rejected',
    failure: { code: 'TOO_FEW_POINTS', message: 'only 31 points' },
  });
});

const training = (gaussians: number, iterations: number): StageReport =>
  report('training', { gaussians, iterations, evaluationWidth: 400, psnr: 20, ssim: 0.5 });

test('a model of 31 Gaussians and one without an iteration are never called trained', () => {
  expect(verdictOf(training(31, 7000)).failure).toMatchObject({
    code: 'MODEL_TOO_SMALL',
    message: 'the model has 31 Gaussians that can be seen, at least 1000 are needed',
  });
  expect(verdictOf(training(1000, 0)).failure?.code).toBe('NOT_TRAINED');
});

test.each([
  [1000, 978, 'accepted'],
  [1000, 500, 'accepted'],
  [1000, 499, 'rejected'],
  [500, 480, 'accepted'],
  [2000, 1000, 'accepted'],
])('T02: of at most %d Gaussians %d can be seen: %s', (maxGaussians, gaussians, verdict) => {
  expect(verdictOf(training(gaussians, 1000), 0, { maxGaussians }).verdict).toBe(verdict);
});

test('a compressed scene must have as many Gaussians as the model', () => {
  const compressed = report('compression', { gaussians: 99, shBands: 1, bytes: 1, ratioSh3: 10 });
  expect(verdictOf(compressed, 100).failure?.code).toBe('SOG_INCOMPLETE');
  expect(verdictOf(compressed, 99).verdict).toBe('accepted');
});

test.each([
  ['DELIVERY_EMPTY', { decodedPsnr: 40, coveredShare: 0.199 }],
  ['DELIVERY_DIFFERS', { decodedPsnr: 19.9, coveredShare: 1 }],
  [undefined, { decodedPsnr: 20, coveredShare: 0.2 }],
])('S02: a scene that a viewer does not show as trained ends with %s', (code, seen) => {
  const compressed = report('compression', { gaussians: 99, shBands: 1, bytes: 1, ratioSh3: 10, ...seen });
  expect(verdictOf(compressed, 99).failure?.code).toBe(code);
});
