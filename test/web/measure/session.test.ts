import type { SceneFrame } from '../../../web/measure/frame';
import { readings, type Mark } from '../../../web/measure/mark';
import { UNKNOWN_SPREAD } from '../../../web/measure/measurement';
import { createSession } from '../../../web/measure/session';
import { pickColumns } from '../../../web/picking/columns';
import { boxOnGround, toGaussians } from '../ideal-splat';

const FRAME: SceneFrame = {
  metric: false,
  scale: { source: 'none', relativeSigma: null },
  enuFromScene: null,
  origin: null,
};
const VIEW = { eye: [0, -10, 0], target: [0, 0, 0], up: [0, 0, 1], fieldOfViewDeg: 60 } as const;

/** A plane at y = 0, seen straight from above: a pixel is a unit. Nothing is left of 0. */
function open() {
  const kept: (readonly Mark[])[] = [];
  const session = createSession({
    frame: FRAME,
    pick: async (x, z) => (x < 0 ? null : { point: [x, 0, z], spread: 0.1 }),
    pickFrom: async (_eye, point) => ({ point, spread: 0.2 }),
    pickColumns: async (grid) => pickColumns(toGaussians(boxOnGround(0.2)), grid),
    view: () => VIEW,
    changed: (marks) => kept.push(marks),
  });
  return { session, kept };
}

test('two presses make a distance, which undo takes back and redo brings again', async () => {
  const { session, kept } = open();
  session.choose('distance');
  await session.place(0, 0);
  expect(session.get().draft).toHaveLength(1);
  session.undo();
  expect(session.get().draft).toHaveLength(0);
  await session.place(0, 0);
  await session.place(3, 4);
  expect(session.get().marks).toMatchObject([
    { kind: 'distance', vertices: [{ point: [0, 0, 0] }, { point: [3, 0, 4] }] },
  ]);
  expect(session.get().tool).toBe('distance');
  session.undo();
  expect(session.get().marks).toEqual([]);
  session.redo();
  expect(session.get().marks).toHaveLength(1);
  expect(kept.map(({ length }) => length)).toEqual([1, 0, 1]);
});

test('a press beside the scene says so and sets nothing', async () => {
  const { session } = open();
  session.choose('point');
  await session.place(-1, 0);
  expect(session.get()).toMatchObject({ problem: 'no surface', marks: [] });
  await session.place(1, 0);
  expect(session.get()).toMatchObject({ problem: null, marks: [{ kind: 'point' }] });
});

test('an area ends when it is told to, with three points at least', async () => {
  const { session } = open();
  session.choose('area');
  await session.place(0, 0);
  await session.place(4, 0);
  session.finish();
  expect(session.get().marks).toEqual([]);
  await session.place(4, 4);
  session.finish();
  expect(session.get().marks[0]?.vertices).toHaveLength(3);
});

test('a point is dragged in one step', async () => {
  const { session } = open();
  session.choose('distance');
  await session.place(0, 0);
  await session.place(3, 4);
  for (const x of [4, 5, 6]) {
    session.dragTo(1, x, 8);
    await new Promise(setImmediate);
  }
  session.dropped();
  expect(session.get().marks[0]?.vertices[1]?.point).toEqual([6, 0, 8]);
  session.undo();
  expect(session.get().marks[0]?.vertices[1]?.point).toEqual([3, 0, 4]);
});

test('a known length sets the scale of everything, and its removal forgets it', async () => {
  const { session } = open();
  session.choose('scale');
  await session.place(0, 0);
  await session.place(3, 4);
  expect(session.get()).toMatchObject({ tool: null, scale: { source: 'none' } });
  const [mark] = session.get().marks;
  session.setKnown(mark!.id, 20, 0.1);
  expect(session.get().scale).toEqual({ source: 'known distance', relativeSigma: 0.005, factor: 4 });
  session.remove(mark!.id);
  expect(session.get().scale.source).toBe('none');
});

test('a volume is measured after its outline, and again after a change of it', async () => {
  const { session } = open();
  session.choose('volume');
  for (const [x, z] of [
    [0, 0],
    [2, 0],
    [2, 1],
    [0, 1],
  ] as const)
    await session.place(x, z);
  session.finish();
  expect(session.get().busy).toBe(1);
  await new Promise(setImmediate);
  const first = session.get().marks[0]?.volume?.net.amount;
  expect(first).toBeGreaterThan(5); // a quarter of the box: 6
  expect(first).toBeLessThan(6.5);
  session.dragTo(2, 1, 1);
  await new Promise(setImmediate);
  session.dropped();
  await new Promise(setImmediate);
  expect(session.get().marks[0]?.volume?.net.amount).toBeLessThan(first! * 0.85);
});

test('marks that were kept get their spread from where they were looked at', async () => {
  const { session, kept } = open();
  const vertices = [{ point: [1, 0, 1], spread: UNKNOWN_SPREAD }] as const;
  session.load([{ id: 'a', kind: 'point', vertices, text: '', view: VIEW }]);
  const up = () => readings(session.get().marks[0]!, FRAME, session.get().scale)[2]?.value;
  expect(up()).toEqual({ amount: expect.closeTo(0), sigma: null });
  await new Promise(setImmediate);
  expect(up()?.sigma).toBeCloseTo(0.2);
  expect(session.get().marks[0]?.vertices[0]?.spread).toBe(0.2);
  expect(session.get().canUndo).toBe(false);
  expect(kept).toEqual([]);
});
