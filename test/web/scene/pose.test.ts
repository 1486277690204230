import type { Vector } from '../../../web/measure/vectors';
import { axesOf, cornersOf, fitted, fromView, project, type Box } from '../../../web/scene/pose';

/** Subjects and opening views as scene.json has them: of flights over real places, and of shapes that are extreme. */
const SCENES: readonly (readonly [string, Box, Vector, Vector])[] = [
  ['a beach', { min: [-32.8, -0.6, -32.5], max: [28.6, 1.5, 32.5] }, [-40.9, -126.5, 62.1], [-2.1, 0.4, 0]],
  ['a small field', { min: [-2.4, -0.9, -1.6], max: [2.6, 0.1, 4.4] }, [-4.1, -11.7, -4.1], [0.1, -0.4, 1.4]],
  ['a point of land', { min: [-107, -2.1, -104], max: [53, 0.6, 134] }, [155.5, -339.2, 246.4], [-27.4, -0.8, 14.6]],
  ['a mast', { min: [-1, -60, -1], max: [1, 0, 1] }, [40, -30, 0], [0, -30, 0]],
  ['a facade', { min: [-20, -15, 0], max: [20, 0, 1] }, [0, -7, -30], [0, -7, 0]],
  ['a bridge from below', { min: [-30, -20, -5], max: [30, -18, 5] }, [4, -2, 0.5], [0, -19, 0]],
  ['a field from straight above', { min: [-40, -2, -30], max: [40, 0, 30] }, [0, -90, 0], [0, -1, 0]],
  ['a view that is much too near', { min: [-40, -2, -30], max: [40, 0, 30] }, [35, -3, 28], [36, -2, 29]],
  ['a view from far away, aside', { min: [-1, -1, -1], max: [1, 0, 1] }, [900, -900, 200], [300, 0, 0]],
];
const SIZES = [
  ['a desk', { width: 944, height: 744 }],
  ['a phone held upright', { width: 390, height: 480 }],
  ['a phone held across', { width: 844, height: 200 }],
  ['an embedded strip', { width: 320, height: 1200 }],
] as const;

describe.each(SIZES)('in the picture of %s', (_of, size) => {
  test.each(SCENES)(
    '%s opens whole, fills half of the picture or more, and stands upright',
    (_what, box, eye, target) => {
      const pose = fitted(fromView({ eye, target, fieldOfViewDeg: 60 }), size, box);
      const seen = cornersOf(box).map((corner) => project(pose, size, corner));
      const [xs, ys] = [seen.map(({ x }) => x / size.width), seen.map(({ y }) => y / size.height)];
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      expect(Math.min(...seen.map(({ depth }) => depth))).toBeGreaterThan(0);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(right, bottom)).toBeLessThanOrEqual(1);
      expect(Math.max(right - left, bottom - top)).toBeGreaterThan(0.5);

      const [x, , z] = [0, 1, 2].map((k) => (box.min[k]! + box.max[k]!) / 2) as [number, number, number];
      const [head, foot] = [box.min[1], box.max[1]].map((y) => project(pose, size, [x, y, z]));
      expect(head!.y).toBeLessThan(foot!.y);
      expect(Math.abs(head!.x - foot!.x)).toBeLessThan(0.2 * size.width);
    },
  );
});

test.each([
  ['straight down, with north up', [0, -40, 0], [0, 0, 1]],
  ['almost straight down, with east up', [-0.1, -40, 0.3], [1, 0, 0]],
  ['straight up, with south up', [0, 40, 0], [0, 0, -1]],
] as const)('a photo taken %s is looked at as it was taken', (_how, eye, up) => {
  const pose = fromView({ eye, target: [0, 0, 0], up, fieldOfViewDeg: 60 });
  axesOf(pose).up.forEach((part, axis) => expect(part).toBeCloseTo(up[axis]!, 1));
});
