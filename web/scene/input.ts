import type { Tap, Tool } from './handle';
import { flown, orbited, panned, zoomed, type Pose, type Size } from './pose';

/** Mouse, fingers and keys, as moves of the camera or as presses for a tool. */

export interface InputTarget {
  pose(): Pose;
  size(): Size;
  /** Nearest that the eye goes to what it turns about, in units of the scene. */
  nearest(): number;
  /** Units of the scene in a second of flight. */
  speed(): number;
  moved(pose: Pose): void;
  tool(): Tool | null;
  home(): void;
}

export interface Input {
  key(event: KeyboardEvent, pressed: boolean): boolean;
  destroy(): void;
}

const RADIANS_PER_PIXEL = 0.006;
const STEP = 0.09;
const ZOOM_STEP = 0.85;
const TAP_PIXELS = 6;
const DOUBLE_TAP_MS = 320;
const HOLD_MS = 350;
/** A wheel's notch is 100 pixels in most browsers. */
const WHEEL = 0.0012;

interface Pressed {
  x: number;
  y: number;
  readonly startX: number;
  readonly startY: number;
  readonly pan: boolean;
  readonly touch: boolean;
}

export function createInput(element: HTMLElement, target: InputTarget): Input {
  const pressed = new Map<number, Pressed>();
  const ends = new AbortController();
  const { signal } = ends;
  let ofTool = false;
  let wasDrag = false;
  let holding: ReturnType<typeof setTimeout> | undefined;
  let lastTap = { atMs: -Infinity, x: 0, y: 0 };

  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const tapAt = (event: PointerEvent): Tap => ({ ...place(event), touch: event.pointerType === 'touch' });

  element.addEventListener(
    'pointerdown',
    (event) => {
      element.setPointerCapture(event.pointerId);
      const { x, y } = place(event);
      const pan = event.button === 1 || event.button === 2 || event.shiftKey;
      pressed.set(event.pointerId, { x, y, startX: x, startY: y, pan, touch: event.pointerType === 'touch' });
      if (pressed.size === 1) {
        wasDrag = false;
        const at = tapAt(event);
        ofTool = event.button === 0 && target.tool()?.down?.(at) === true;
        clearTimeout(holding);
        holding = setTimeout(() => {
          if (at.touch && !ofTool && !wasDrag && pressed.size === 1) ofTool = target.tool()?.hold?.(at) === true;
        }, HOLD_MS);
      } else wasDrag = true;
    },
    { signal },
  );

  element.addEventListener(
    'pointermove',
    (event) => {
      const finger = pressed.get(event.pointerId);
      const { x, y } = place(event);
      target.tool()?.move?.(tapAt(event), finger !== undefined);
      if (finger === undefined) return;
      const [dx, dy] = [x - finger.x, y - finger.y];
      const [first, second] = [...pressed.values()];
      const other = [...pressed.entries()].find(([id]) => id !== event.pointerId)?.[1];
      const before = other === undefined ? 0 : Math.hypot(finger.x - other.x, finger.y - other.y);
      finger.x = x;
      finger.y = y;
      if (Math.hypot(x - finger.startX, y - finger.startY) > TAP_PIXELS) wasDrag = true;
      if (ofTool || (!wasDrag && pressed.size === 1)) return;
      const pose = target.pose();
      const size = target.size();
      if (first !== undefined && second !== undefined && other !== undefined) {
        const after = Math.hypot(x - other.x, y - other.y);
        const middle = { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 };
        const moved = panned(pose, size, dx / 2, dy / 2);
        target.moved(after > 0 && before > 0 ? zoomed(moved, size, before / after, middle, target.nearest()) : moved);
      } else if (finger.pan) target.moved(panned(pose, size, dx, dy));
      else target.moved(orbited(pose, dx * RADIANS_PER_PIXEL, dy * RADIANS_PER_PIXEL));
    },
    { signal },
  );

  const released = (event: PointerEvent): void => {
    const finger = pressed.get(event.pointerId);
    pressed.delete(event.pointerId);
    if (finger === undefined || pressed.size > 0) return;
    clearTimeout(holding);
    const at = tapAt(event);
    const tool = target.tool();
    if (ofTool) {
      ofTool = false;
      tool?.up?.(at);
      return;
    }
    if (wasDrag || event.type === 'pointercancel' || finger.pan) return;
    const isDouble =
      event.timeStamp - lastTap.atMs < DOUBLE_TAP_MS && Math.hypot(at.x - lastTap.x, at.y - lastTap.y) < 20;
    lastTap = { atMs: isDouble ? -Infinity : event.timeStamp, x: at.x, y: at.y };
    if (isDouble) tool?.doubleTap?.(at);
    else tool?.tap?.(at);
  };
  element.addEventListener('pointerup', released, { signal });
  element.addEventListener('pointercancel', released, { signal });
  element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
      const factor = Math.exp(Math.max(-300, Math.min(300, pixels)) * WHEEL);
      target.moved(zoomed(target.pose(), target.size(), factor, place(event), target.nearest()));
    },
    { signal, passive: false },
  );

  const held = new Set<string>();
  let flying = 0;
  let lastMs = 0;
  const fly = (nowMs: number): void => {
    const part = target.speed() * Math.min(0.1, (nowMs - lastMs) / 1000);
    lastMs = nowMs;
    const axis = (plus: string, minus: string): number => (Number(held.has(plus)) - Number(held.has(minus))) * part;
    target.moved(flown(target.pose(), axis('w', 's'), axis('d', 'a'), axis('e', 'q')));
    flying = held.size > 0 ? requestAnimationFrame(fly) : 0;
  };
  const stop = (): void => held.clear();
  window.addEventListener('blur', stop, { signal });
  // Also of a key that is let go when something else has the focus by then.
  window.addEventListener('keyup', ({ key }) => held.delete(key.toLowerCase()), { signal });

  return {
    key(event, isPressed) {
      if (event.ctrlKey || event.metaKey || event.altKey) return false;
      const letter = event.key.toLowerCase();
      if ('wasdqe'.includes(letter) && letter.length === 1) {
        if (isPressed) held.add(letter);
        if (held.size > 0 && flying === 0) {
          lastMs = performance.now();
          flying = requestAnimationFrame(fly);
        }
        return true;
      }
      if (!isPressed) return false;
      const moved = byKey(event, target);
      if (moved === null) return false;
      if (moved === 'home') target.home();
      else target.moved(moved);
      return true;
    },
    destroy() {
      ends.abort();
      clearTimeout(holding);
      held.clear();
      cancelAnimationFrame(flying);
    },
  };
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function byKey({ key, shiftKey }: KeyboardEvent, target: InputTarget): Pose | 'home' | null {
  const [pose, size] = [target.pose(), target.size()];
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    const [x, y] = arrow;
    return shiftKey
      ? panned(pose, size, (-x * size.width) / 16, (y * size.height) / 16)
      : orbited(pose, x * STEP, y * STEP);
  }
  const middle = { x: size.width / 2, y: size.height / 2 };
  if (key === '+' || key === '=') return zoomed(pose, size, ZOOM_STEP, middle, target.nearest());
  if (key === '-') return zoomed(pose, size, 1 / ZOOM_STEP, middle, target.nearest());
  return key === 'Home' || key === '0' ? 'home' : null;
}
