import type { Session } from '../measure/session';
import type { SceneHandle, Tap, Tool } from '../scene/handle';

const GRIP_PIXELS = 14;
const FINGER_PIXELS = 26;

/** What presses do: set points, drag those of the selected mark, and aim under a resting finger. */
export function pointerTool(
  handle: SceneHandle,
  session: Session,
  magnify: (at: { x: number; y: number } | null) => void,
): Tool {
  let dragged: number | null = null;
  let aiming = false;
  return {
    down(at) {
      const { marks, selected, tool } = session.get();
      const mark = marks.find(({ id }) => id === selected);
      if (tool !== null || mark === undefined || mark.locked === true) return false;
      const reach = at.touch ? FINGER_PIXELS : GRIP_PIXELS;
      const near = mark.vertices.map(({ point }) => {
        const { x, y, depth } = handle.project(point);
        return depth > 0 ? Math.hypot(x - at.x, y - at.y) : Infinity;
      });
      const nearest = near.indexOf(Math.min(...near));
      dragged = (near[nearest] ?? Infinity) <= reach ? nearest : null;
      return dragged !== null;
    },
    hold(at) {
      const { tool, moving } = session.get();
      if (tool === null && moving === null) return false;
      aiming = true;
      magnify(at);
      return true;
    },
    move(at, pressed) {
      if (dragged !== null && pressed) session.dragTo(dragged, at.x, at.y);
      else if (aiming || !at.touch) session.hoverAt(at.x, at.y);
      if (pressed && at.touch && (aiming || dragged !== null)) magnify(at);
    },
    up(at) {
      magnify(null);
      if (dragged !== null) session.dropped();
      else if (aiming) void session.place(at.x, at.y);
      dragged = null;
      aiming = false;
    },
    tap(at) {
      const { tool, moving } = session.get();
      if (tool !== null || moving !== null) void session.place(at.x, at.y);
      else session.select(null);
    },
    doubleTap(at) {
      const { tool } = session.get();
      if (tool !== null) session.finish();
      else void lookAt(handle, at);
    },
  };
}

async function lookAt(handle: SceneHandle, { x, y }: Tap): Promise<void> {
  const found = await handle.pick(x, y).catch(() => null);
  if (found !== null) handle.camera.focus(found.point);
}
