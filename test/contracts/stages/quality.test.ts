import fc from 'fast-check';
import { qualityCurve, QUALITY_POINTS, withQuality, type GatheredQuality } from '../../../contracts/stages/quality';

const line = (done: number, metrics: Record<string, number | string>) => ({ done, total: 6000, metrics });

test('lines of one share become their average, and a curve never has more points than it may', () => {
  const few = [line(10, { psnr: 10, loss: 0.3 }), line(20, { psnr: 20, loss: 0.1, iteration: 40 })];
  expect(
    qualityCurve(few.reduce<readonly GatheredQuality[]>((curve, one, at) => withQuality(curve, one, at), [])),
  ).toEqual([{ iteration: 25, seconds: 1, psnr: 15, loss: 0.2 }]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6000 }), { minLength: 1, maxLength: 500 }), (dones) => {
      const curve = dones
        .toSorted((a, b) => a - b)
        .reduce<readonly GatheredQuality[]>(
          (points, done) => withQuality(points, line(done, { psnr: done }), done),
          [],
        );
      expect(curve.length).toBeLessThanOrEqual(QUALITY_POINTS);
      const all = curve.reduce((sum, { psnr, lines }) => sum + psnr * lines, 0);
      expect(all).toBeCloseTo(
        dones.reduce((sum, done) => sum + done, 0),
        3,
      );
    }),
  );
});

test('what is no quality changes nothing: other phases, broken numbers, an earlier share', () => {
  const curve = withQuality([], line(3000, { psnr: 20 }), 1);
  expect(withQuality(curve, line(3500, {}), 2)).toBe(curve);
  expect(withQuality(curve, line(3500, { psnr: NaN }), 2)).toBe(curve);
  expect(withQuality(curve, line(3500, { psnr: 'high' }), 2)).toBe(curve);
  expect(withQuality(curve, { ...line(3500, { psnr: 20 }), total: 0 }, 2)).toBe(curve);
  expect(withQuality(curve, line(10, { psnr: 20 }), 2)).toBe(curve);
});
