import type { Pick } from '../picking/pick';
import { sigmaAcross } from '../picking/aim';
import { createPicker } from '../picking/picker';
import { budgetFor, halved, pixelRatio } from './budget';
import { createEngine, type Engine, type Loaded } from './engine';
import type { Aimed, SceneHandle, SceneOptions, SceneProblem, SceneSource, SceneState, Tool } from './handle';
import { createInput } from './input';
import type { Line } from './line';
import { drawLines } from './overlay';
import {
  between,
  fitted,
  fromView,
  pixelAt,
  project,
  rayThrough,
  toView,
  type Box,
  type Pose,
  type Size,
} from './pose';
import { isStreamed } from './streamed';
import { isThere, load } from './source';
import { minus, unit, type Vector } from '../measure/vectors';

/**
 * A scene in an element: draws it, moves its camera, and answers where the surface is. The element is filled, and gets
 * the size of its box; what it held is not touched.
 */

const FLIGHT_MS = 500;
const DEFAULT_VIEW = { position: [0, -5, -10], target: [0, 0, 0], fieldOfViewDeg: 60 } as const;

/** What a scene that is `lost` or `failed` still does: nothing that throws. */
export function createScene(element: HTMLElement, options: SceneOptions): SceneHandle {
  const canvas = layer(element, 'scene-canvas');
  const over = layer(element, 'scene-lines');
  const ends = new AbortController();
  const { signal } = ends;
  const changes = listeners();
  const moves = listeners();
  let state: SceneState = { phase: 'loading', problem: null, progress: 0, reduced: false };
  const become = (changed: Partial<SceneState>): void => {
    state = { ...state, ...changed };
    changes.tell();
  };

  let engine: Engine | null = null;
  let budget = budgetFor(matchMedia('(pointer: coarse)').matches);
  let size: Size = sizeOf(element);
  let lines: readonly Line[] = [];
  let tool: Tool | null = null;
  let frames = 0;
  let beside: Loaded | null = null;
  let afterFrame: (() => void)[] = [];
  let wasReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => (wasReady = resolve));

  const { position, target, fieldOfViewDeg } = options.openingView ?? DEFAULT_VIEW;
  const opened = fromView({ eye: position, target, fieldOfViewDeg });
  const homePose = (): Pose => (options.subject === null ? opened : fitted(opened, size, options.subject));
  let pose = homePose();
  let isHome = true;
  const span =
    options.subject === null ? opened.distance : Math.hypot(...minus(options.subject.max, options.subject.min));
  const ratio = (): number => pixelRatio(budget, size.width, size.height, devicePixelRatio);

  const redraw = (): void => drawLines(over, lines, pose, size, Math.min(devicePixelRatio, 2));
  const look = (next: Pose): void => {
    pose = next;
    engine?.look(pose);
    redraw();
    moves.tell();
  };
  let flight = 0;
  const moved = (next: Pose): void => {
    cancelAnimationFrame(flight);
    isHome = false;
    look(next);
  };
  const flyTo = (to: Pose, endsHome = false): void => {
    cancelAnimationFrame(flight);
    isHome = endsHome;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      look(to);
      return;
    }
    const from = pose;
    const startMs = performance.now();
    const step = (nowMs: number): void => {
      const part = Math.min(1, Math.max(0, (nowMs - startMs) / FLIGHT_MS));
      look(part === 1 ? to : between(from, to, part * part * (3 - 2 * part)));
      if (part < 1) flight = requestAnimationFrame(step);
    };
    flight = requestAnimationFrame(step);
  };
  const home = (): void => flyTo(homePose(), true);

  const input = createInput(canvas, {
    pose: () => pose,
    size: () => size,
    nearest: () => span / 1000,
    speed: () => pose.distance * 0.6,
    moved,
    tool: () => tool,
    home,
  });

  // The canvas is resized between two pictures: what was drawn would be gone until the next.
  const resized = new ResizeObserver(() => {
    size = sizeOf(element);
    engine?.resize(size, ratio());
    if (isHome) look(homePose());
    else redraw();
    moves.tell();
  });
  resized.observe(element);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = (): void => {
    engine?.background(backgroundOf(element));
    redraw();
  };
  dark.addEventListener('change', paint, { signal });

  let wasRead: (blob: Blob) => void = () => undefined;
  const file = new Promise<Blob>((resolve) => (wasRead = resolve));
  const { source } = options;
  const picker = createPicker(async () => {
    if (!isStreamed(source.url)) return { file: await file };
    if (source.pickUrl === null) throw new Error('this scene has no file to pick in');
    return { url: new URL(source.pickUrl, location.href).href };
  });
  const failed = (problem: SceneProblem): void => {
    if (!signal.aborted && state.phase !== 'failed') become({ phase: 'failed', problem });
  };

  const start = async (): Promise<void> => {
    // Both begin at once: the file comes while the graphics are set up.
    const reading = isStreamed(source.url)
      ? Promise.resolve(null)
      : load(source.url, (progress) => become({ progress }), signal).blob;
    reading.catch(() => failed('not loaded'));
    const made = await createEngine(canvas, {
      drawn() {
        frames += 1;
        const waiting = afterFrame;
        afterFrame = [];
        for (const then of waiting) then();
      },
      complete() {
        if (state.phase !== 'loading') return;
        become({ phase: 'ready', progress: 1 });
        wasReady();
      },
      missing() {
        if (state.phase === 'loading') failed('not loaded');
      },
      lost() {
        budget = halved(budget);
        become({ phase: 'lost' });
      },
      restored() {
        engine?.budget(budget.gaussians);
        engine?.resize(size, ratio());
        become({ phase: 'ready', reduced: true });
      },
    }).catch(() => {
      failed('no webgl');
      return null;
    });
    // React mounts twice in development: what comes late goes at once.
    if (signal.aborted) made?.destroy();
    if (made === null || signal.aborted) return;
    engine = made;
    made.budget(budget.gaussians);
    made.resize(size, ratio());
    made.look(pose);
    paint();
    const blob = await reading.catch(() => null);
    if (blob === null && !isStreamed(source.url)) return;
    if (blob !== null) wasRead(blob);
    const { href } = new URL(source.url, location.href);
    await made
      .load(href, blob)
      .catch(async () => failed(blob !== null || (await isThere(href, signal)) ? 'not readable' : 'not loaded'));
  };
  void start();

  const nextFrame = <T>(then: () => T): Promise<T> =>
    new Promise((resolve) => {
      afterFrame.push(() => resolve(then()));
      engine?.request();
    });

  return {
    ready,
    state: { get: () => state, subscribe: changes.add },
    camera: {
      get: () => toView(pose),
      set: (view) => moved(fromView(view)),
      flyTo: (view) => flyTo(fromView(view)),
      home,
      fit: (box: Box) => flyTo(fitted(pose, size, box)),
      focus: (point) => flyTo({ ...pose, target: point, distance: Math.max(pose.distance * 0.5, span / 100) }),
      subscribe: moves.add,
    },
    key: input.key,
    size: () => size,
    project: (point) => project(pose, size, point),
    async pick(x, y) {
      const [at, shown] = [pose, size];
      const ray = rayThrough(at, shown, x, y);
      return aimed(await picker.pick(ray), ray.direction, at, shown);
    },
    async pickFrom(eye: Vector, towards: Vector) {
      const direction = unit(minus(towards, eye));
      return direction && aimed(await picker.pick({ origin: eye, direction }), direction, pose, size);
    },
    pickColumns: picker.columns,
    draw(next) {
      lines = next;
      redraw();
    },
    use(next) {
      tool = next;
    },
    async compare(other: SceneSource | null, split: number, shift: Vector = [0, 0, 0]) {
      if (engine === null) await ready;
      engine?.compare(null);
      beside?.destroy();
      beside = null;
      if (other === null || engine === null) return;
      const url = new URL(other.url, location.href).href;
      const blob = isStreamed(other.url) ? null : await load(other.url, () => undefined, signal).blob;
      beside = await engine.load(url, blob, shift);
      engine.split(split);
      engine.compare(beside);
    },
    split: (at) => engine?.split(at),
    capture: () =>
      nextFrame(() => composed(canvas, over)).then(
        (picture) =>
          new Promise((resolve, reject) =>
            picture.toBlob((blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)), 'image/png'),
          ),
      ),
    magnify(into, { x, y }) {
      void nextFrame(() => copySquare(canvas, into, x * ratio(), y * ratio(), ratio()));
    },
    frames: () => frames,
    destroy() {
      ends.abort();
      cancelAnimationFrame(flight);
      resized.disconnect();
      input.destroy();
      picker.destroy();
      engine?.destroy();
      canvas.remove();
      over.remove();
    },
  };
}

const aimed = (found: Pick | null, ray: Vector, pose: Pose, size: Size): Aimed | null =>
  found && { ...found, across: { ray, sigma: sigmaAcross(found, pixelAt(pose, size, found.distance)) } };

function layer(element: HTMLElement, name: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.className = name;
  canvas.setAttribute('aria-hidden', 'true');
  element.append(canvas);
  return canvas;
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): Size => ({
  width: Math.max(1, clientWidth),
  height: Math.max(1, clientHeight),
});

/** The element's own background, as shares of red, green and blue. */
function backgroundOf(element: HTMLElement): [number, number, number] {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (probe === null) return [0, 0, 0];
  probe.fillStyle = getComputedStyle(element).backgroundColor;
  probe.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = probe.getImageData(0, 0, 1, 1).data;
  return [r / 255, g / 255, b / 255];
}

function composed(canvas: HTMLCanvasElement, over: HTMLCanvasElement): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  picture.width = canvas.width;
  picture.height = canvas.height;
  const context = picture.getContext('2d');
  context?.drawImage(canvas, 0, 0);
  context?.drawImage(over, 0, 0, picture.width, picture.height);
  return picture;
}

const MAGNIFIED = 3;

function copySquare(from: HTMLCanvasElement, into: HTMLCanvasElement, x: number, y: number, ratio: number): void {
  const context = into.getContext('2d');
  const side = (into.clientWidth * ratio) / MAGNIFIED;
  context?.clearRect(0, 0, into.width, into.height);
  context?.drawImage(from, x - side / 2, y - side / 2, side, side, 0, 0, into.width, into.height);
}

function listeners(): { add: (listener: () => void) => () => void; tell: () => void } {
  const all = new Set<() => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    tell() {
      for (const listener of all) listener();
    },
  };
}
