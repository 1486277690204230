import fc from 'fast-check';
import { cross, dot, length, minus, sum, times, unit, type Vector } from '../../../web/measure/vectors';
import { pickColumns, rayOrigin } from '../../../web/picking/columns';
import { pick } from '../../../web/picking/pick';
import type { Ray } from '../../../web/picking/ray';
import { readSogMeta } from '../../../web/picking/sog';
import { BOX, boxOnGround, rectangle, toGaussians } from '../ideal-splat';

const towards = (origin: Vector, target: Vector): Ray => ({ origin, direction: unit(minus(target, origin))! });

const component = fc.double({ min: -1, max: 1, noNaN: true });
const direction = fc
  .tuple(component, component, component)
  .filter((each) => length(each) > 0.2)
  .map((each) => unit(each)!);

test('a ray meets a plane of Gaussians where it meets the plane, and gets its normal', () => {
  fc.assert(
    fc.property(direction, direction, fc.double({ min: 3, max: 40, noNaN: true }), (normal, slant, away) => {
      const side = unit(cross(normal, Math.abs(normal[0]) < 0.8 ? [1, 0, 0] : [0, 1, 0]))!;
      const other = cross(normal, side);
      const middle: Vector = [3, -2, 5];
      const corner = sum(middle, sum(times(side, -1), times(other, -1)));
      const plane = toGaussians(rectangle(corner, times(side, 2), times(other, 2), 0.1, [0.5, 0.5, 0.5]));
      // From the side of the normal, at 60 degrees or less to it.
      const eye = sum(middle, times(unit(sum(times(normal, 1), times(slant, 0.8)))!, away));
      const target = sum(middle, sum(times(side, 0.31), times(other, -0.17)));
      const found = pick(plane, towards(eye, target))!;
      expect(Math.abs(dot(minus(found.point, middle), normal))).toBeLessThan(0.003);
      expect(length(minus(found.point, target))).toBeLessThan(0.01);
      expect(found.spread).toBeLessThan(0.01);
      expect(found.thickness).toBeCloseTo(0.002, 3);
      expect(dot(found.normal, normal)).toBeGreaterThan(0.99);
    }),
    { numRuns: 30 },
  );
});

test('the index leaves out nothing that a ray meets, in whatever order the Gaussians are', () => {
  const inOrder = boxOnGround(0.15);
  const mixed = inOrder.map((_, i) => inOrder[(i * 911) % inOrder.length]!);
  const far = fc.double({ min: -9, max: 9, noNaN: true });
  for (const scene of [toGaussians(inOrder), toGaussians(mixed)]) {
    expect(scene.count).toBeGreaterThan(2000); // several runs of the index
    const all = Array.from({ length: scene.count }, (_, i) => i);
    fc.assert(
      fc.property(fc.tuple(far, far, far), fc.oneof(direction, fc.constant<Vector>([0, 1, 0])), (origin, way) => {
        const ray = { origin, direction: way };
        expect(pick(scene, ray)).toEqual(pick(scene, ray, all));
      }),
      { numRuns: 150 },
    );
  }
});

describe('a box of 4 m by 2 m by 3 m on the ground', () => {
  const scene = toGaussians(boxOnGround(0.08));

  test.each([
    ['length', 0, 4],
    ['width', 2, 2],
    ['height', 1, 3],
  ] as const)('has its %s within 2 cm between picks on two sides', (_name, axis, expected) => {
    const oblique: Vector = [0.3, -0.2, 0.25];
    const onSide = (sign: 1 | -1): Vector => {
      const middle: [number, number, number] = [0.4, -1.3, 0.2];
      middle[axis] = axis === 1 ? (sign === 1 ? 0 : BOX.min[1]) : sign * (expected / 2);
      // The ground beside the box is where it stands.
      const seen: Vector = axis === 1 && sign === 1 ? [3.1, 0, 0.2] : middle;
      const away: [number, number, number] = [...oblique];
      away[axis] = axis === 1 ? -1 : sign;
      return pick(scene, towards(sum(seen, times(away, 11)), seen))!.point;
    };
    expect(Math.abs(Math.abs(onSide(1)[axis] - onSide(-1)[axis]) - expected)).toBeLessThan(0.02);
  });

  test('rays that miss everything meet nothing, and neither do those from its other side', () => {
    expect(pick(scene, { origin: [0, -10, 0], direction: [0, -1, 0] })).toBeNull();
    expect(pick(scene, { origin: [20, -1, 0], direction: [0, 1, 0] })).toBeNull();
  });

  test('rays side by side meet what single rays meet', () => {
    const right: Vector = [0.74, 0, 0];
    const down: Vector = [0, 0, 0.82];
    const corner: Vector = [-5.5, -30, -4.5];
    const grid = { corner, right, down, columns: 15, rows: 11, direction: [0, 1, 0] as Vector };
    const { distances } = pickColumns(scene, grid);
    let met = 0;
    distances.forEach((found, cell) => {
      const alone = pick(scene, { origin: rayOrigin(grid, cell), direction: grid.direction });
      if (alone !== null) met += 1;
      expect(found).toBe(alone?.distance ?? NaN);
    });
    expect(met).toBeGreaterThan(140);
  });
});

test('floaters that are faint do not stop a ray, and the spread tells of what is before the surface', () => {
  const wall = rectangle([-1, -1, 5], [2, 0, 0], [0, 2, 0], 0.1, [0.5, 0.5, 0.5]);
  const ray: Ray = { origin: [0, 0, 0], direction: [0, 0, 1] };
  const clear = pick(toGaussians(wall), ray)!;
  expect(clear.distance).toBeCloseTo(5, 2);
  const floater = toGaussians([{ ...wall[0]!, centre: [0, 0, 2], halfAxes: [0.5, 0.5, 0.5] }, ...wall]);
  const opacity = Math.round(0.3 * 255);
  floater.packed[7] = opacity;
  const behind = pick(floater, ray)!;
  expect(behind.distance).toBeCloseTo(5, 2);
  expect(behind.gaussians).toBe(clear.gaussians + 1);
  expect(behind.spread).toBeGreaterThan(1);
});

test.each([
  ['nothing', null],
  ['another version', { version: 1, count: 1 }],
  ['no count', { version: 2, means: { files: ['a', 'b'] }, scales: { files: ['c'] } }],
])('a description with %s is refused', (_name, json) => {
  expect(() => readSogMeta(json)).toThrow(/the scene/);
});
