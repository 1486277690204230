import fc from 'fast-check';
import { scaleOf, toEnu, toPlace, type Scale } from '../../../web/measure/frame';
import { area, distance, height, polyline, type Vertex } from '../../../web/measure/measurement';
import { planVolume, volume } from '../../../web/measure/volume';
import type { Vector } from '../../../web/measure/vectors';
import { pickColumns } from '../../../web/picking/columns';
import { boxOnGround, toGaussians } from '../ideal-splat';

const METRES: Scale = { source: 'gps', relativeSigma: 0.01, factor: 1 };
const vertex = (x: number, y: number, z: number, spread = 0): Vertex => ({ point: [x, y, z], spread });

test('a distance is told in space, level and plumb, and is as sure as its ends and the scale', () => {
  const { direct, horizontal, vertical } = distance(vertex(0, 0, 0, 0.03), vertex(3, -2, 6, 0.04), METRES);
  expect(direct.amount).toBeCloseTo(7);
  expect(direct.sigma).toBeCloseTo(Math.sqrt(0.03 ** 2 + 0.04 ** 2 + 0.07 ** 2));
  expect(horizontal.amount).toBeCloseTo(Math.hypot(3, 6));
  expect(vertical.amount).toBeCloseTo(2); // up is negative y
  expect(height(vertex(0, 1, 0), vertex(5, 2, 0), METRES).amount).toBeCloseTo(-1);
});

test('how deep a surface is counts as far as a length runs along the ray that found it', () => {
  const looked = (vertex: Vertex, ray: Vector): Vertex => ({ ...vertex, across: { ray, sigma: 0.01 } });
  const down: Vector = [0, 1, 0];
  const [a, b] = [looked(vertex(0, 0, 0, 0.4), down), looked(vertex(3, -2, 6, 0.3), down)];
  const { direct, horizontal, vertical } = distance(a, b, { ...METRES, relativeSigma: 0 });
  expect(horizontal.sigma).toBeCloseTo(Math.hypot(0.01, 0.01));
  expect(vertical.sigma).toBeCloseTo(0.5);
  const [along, aside] = [2 / 7, Math.hypot(3, 6) / 7];
  expect(direct.sigma).toBeCloseTo(Math.hypot(0.5 * along, Math.hypot(0.01, 0.01) * aside));
  const level = [vertex(0, 0, 0, 0.4), vertex(4, 0, 0, 0.4), vertex(4, 0, 4, 0.4)].map((each) => looked(each, down));
  const { horizontal: seen, perimeter } = area(level, { ...METRES, relativeSigma: 0 });
  expect(seen.sigma).toBeLessThan(0.1);
  expect(perimeter.sigma).toBeLessThan(0.1);
});

test('what is measured does not depend on where the scene lies or how it is turned about the vertical', () => {
  const coordinate = fc.integer({ min: -50_000, max: 50_000 }).map((millimetres) => millimetres / 1000);
  const point = fc.tuple(coordinate, coordinate, coordinate);
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 3, maxLength: 8 }),
      point,
      fc.double({ min: 0, max: 6.3, noNaN: true }),
      (points, by, angle) => {
        const [s, c] = [Math.sin(angle), Math.cos(angle)];
        const moved = points.map(([x, y, z]): Vertex =>
          vertex(c * x - s * z + by[0], y + by[1], s * x + c * z + by[2], 0.1),
        );
        const still = points.map(([x, y, z]) => vertex(x, y, z, 0.1));
        const [here, there] = [still, moved].map((each) => [
          polyline(each, METRES),
          ...Object.values(distance(each[0]!, each[1]!, METRES)),
          ...Object.values(area(each, METRES)),
        ]);
        here!.forEach((value, i) => {
          expect(there![i]!.amount).toBeCloseTo(value.amount, 5);
          expect(there![i]!.sigma).toBeCloseTo(value.sigma ?? NaN, 5);
        });
      },
    ),
  );
});

test('a tilted rectangle has its own area, and a smaller one from above', () => {
  const roof = [vertex(0, 0, 0, 0.1), vertex(10, 0, 0, 0.1), vertex(10, -3, 4, 0.1), vertex(0, -3, 4, 0.1)];
  const { plane, horizontal, perimeter } = area(roof, { ...METRES, relativeSigma: 0 });
  expect(plane.amount).toBeCloseTo(50);
  expect(horizontal.amount).toBeCloseTo(40);
  expect(perimeter.amount).toBeCloseTo(30);
  // Each corner moves half a diagonal's worth of area.
  expect(plane.sigma).toBeCloseTo(0.1 * 2 * (Math.hypot(10, 5) / 2));
});

test('sigma of a polyline is what moving its points by chance does to it', () => {
  const line = [vertex(0, 0, 0, 0.05), vertex(4, 0, 1, 0.05), vertex(5, -3, 5, 0.05), vertex(9, -3, 5, 0.05)];
  const { amount, sigma } = polyline(line, { ...METRES, relativeSigma: 0 });
  let state = 1;
  const chance = (): number => {
    // Normal numbers by summing twelve even ones, from a generator that always gives the same.
    let total = -6;
    for (let i = 0; i < 12; i += 1) total += (state = (state * 48271) % 2147483647) / 2147483647;
    return total;
  };
  const errors = Array.from({ length: 4000 }, () => {
    const moved = line.map(({ point: [x, y, z] }) =>
      vertex(x + 0.05 * chance(), y + 0.05 * chance(), z + 0.05 * chance()),
    );
    return polyline(moved, METRES).amount - amount;
  });
  const found = Math.sqrt(errors.reduce((so, error) => so + error * error, 0) / errors.length);
  expect(Math.abs(found / sigma! - 1)).toBeLessThan(0.06);
});

describe('the volume of a box of 24 cubic metres', () => {
  const scene = toGaussians(boxOnGround(0.08));
  const outline = (turn: number): Vertex[] =>
    [0, 1, 2, 3].map((k) => {
      const angle = turn + (k * Math.PI) / 2;
      return vertex(4.5 * Math.cos(angle), 0, 4.5 * Math.sin(angle), 0.005);
    });

  test.each([0, 0.4, 0.785])('is within 3 %% in an outline that is turned by %d', (turn) => {
    const plan = planVolume(outline(turn))!;
    const { net, fill, cut, seen } = volume(plan, pickColumns(scene, plan.grid), METRES);
    expect(Math.abs(net.amount / 24 - 1)).toBeLessThan(0.03);
    expect(fill.amount).toBeGreaterThan(23.2);
    expect(cut.amount).toBeLessThan(0.3);
    expect(seen).toBeGreaterThan(0.99);
    expect(net.sigma!).toBeGreaterThan(0.03 * 24 * 0.99); // three times that of a length
    expect(net.sigma!).toBeLessThan(2);
  });

  test('is cut where the outline lies on its roof, above what is around', () => {
    const roof = outline(0).map(({ point: [x, , z], spread }) => vertex(x, -3, z, spread));
    const plan = planVolume(roof)!;
    const { net } = volume(plan, pickColumns(scene, plan.grid), METRES);
    expect(Math.abs(net.amount / (-3 * (4.5 ** 2 * 2 - 8)) - 1)).toBeLessThan(0.01);
  });

  test('an outline that encloses nothing has none', () => {
    expect(planVolume([vertex(0, 0, 0), vertex(1, 0, 1), vertex(2, 0, 2)])).toBeNull();
    expect(planVolume([vertex(0, 0, 0), vertex(1, -1, 0), vertex(1, -2, 0)])).toBeNull();
  });
});

describe('the scale', () => {
  const none = { metric: false, scale: { source: 'none', relativeSigma: null } } as const;

  test('comes from the scene', () => {
    expect(scaleOf({ metric: true, scale: { source: 'gps', relativeSigma: 0.002 } })).toEqual({
      source: 'gps',
      relativeSigma: 0.002,
      factor: 1,
    });
    expect(scaleOf(none)).toEqual({ source: 'none', relativeSigma: null, factor: 1 });
  });

  test('or from a distance that somebody knows, with its own doubt', () => {
    const vertices: [Vector, Vector] = [
      [1, 1, 1],
      [1, 1, 5],
    ];
    const scale = scaleOf(none, { vertices, metres: 10, sigma: 0.05 });
    expect(scale).toEqual({ source: 'known distance', relativeSigma: 0.005, factor: 2.5 });
    const { direct } = distance(vertex(0, 0, 0), vertex(8, 0, 0), scale);
    expect(direct).toEqual({ amount: 20, sigma: 0.1 });
    expect(area([vertex(0, 0, 0), vertex(2, 0, 0), vertex(0, 0, 2)], scale).plane.amount).toBeCloseTo(12.5);
  });

  test('of points in one place, or where none is known, is not made up', () => {
    const vertices: [Vector, Vector] = [
      [1, 1, 1],
      [1, 1, 1],
    ];
    expect(scaleOf(none, { vertices, metres: 10, sigma: 0.05 }).source).toBe('none');
    const unsure = { source: 'ground control', relativeSigma: null, factor: 1 } as const;
    expect(distance(vertex(0, 0, 0), vertex(1, 0, 0), unsure).direct.sigma).toBeNull();
  });
});

describe('places on Earth', () => {
  const origin = { latitude: 46.5, longitude: 7.25, altitude: 600 };
  const frame = {
    enuFromScene: [
      [1, 0, 0, 0],
      [0, 0, 1, 0],
      [0, -1, 0, 0],
      [0, 0, 0, 1],
    ],
  };

  test('the axes of the scene are east, down and north', () => {
    expect(toEnu(frame, METRES, [3, -2, 5])).toEqual([3, 5, 2]);
    expect(toEnu({ enuFromScene: null }, METRES, [3, -2, 5])).toEqual([3, 5, 2]);
  });

  test('the origin is where it is, and ways from it agree with geodesy', () => {
    const here = toPlace(origin, [0, 0, 0]);
    expect(here.latitude).toBeCloseTo(46.5, 10);
    expect(here.longitude).toBeCloseTo(7.25, 10);
    expect(here.height).toBeCloseTo(600, 4);
    // Lengths of a degree at 46.5 degrees and 0 m: 111 161 m north, 76 771 m east (radii of curvature of WGS 84).
    const away = toPlace({ ...origin, altitude: 0 }, [767.71, 1111.61, 0]);
    expect(away.latitude).toBeCloseTo(46.51, 5);
    expect(away.longitude).toBeCloseTo(7.26, 4);
    // A level line leaves the ground: by d² / 2R.
    expect(away.height).toBeCloseTo((767.71 ** 2 + 1111.61 ** 2) / 2 / 6.378e6, 2);
  });

  test('without an altitude there is no height, but a place', () => {
    const { latitude, height: up } = toPlace({ ...origin, altitude: null }, [0, 100, 12]);
    expect(latitude).toBeGreaterThan(46.5);
    expect(up).toBeNull();
  });
});
