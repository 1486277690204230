import type { Line } from './line';
import { axesOf, eyeOf, project, type Pose, type Size } from './pose';
import { dot, minus, sum, times, type Vector } from '../measure/vectors';

/** Lines over the picture: in a 2D canvas of its own, so that they stay sharp and are never hidden by Gaussians. */

const NEAR_SHARE = 0.002;

export function drawLines(
  canvas: HTMLCanvasElement,
  lines: readonly Line[],
  pose: Pose,
  size: Size,
  ratio: number,
): void {
  // Without lines it takes no memory: a picture of the size of a phone's screen has some megabytes.
  const [width, height] =
    lines.length === 0 ? [1, 1] : [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  const style = getComputedStyle(canvas);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (const { points, closed = false, colour, width: thick = 2, dashed = false } of lines) {
    context.beginPath();
    const [first] = points;
    const path = closed && first !== undefined ? [...points, first] : points;
    for (let i = 1; i < path.length; i += 1) {
      const part = clipped(path[i - 1] as Vector, path[i] as Vector, pose);
      if (part === null) continue;
      const a = project(pose, size, part[0]);
      const b = project(pose, size, part[1]);
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    }
    context.setLineDash(dashed ? [6, 5] : []);
    // A dark edge keeps a line visible before anything.
    context.strokeStyle = 'rgb(0 0 0 / 0.45)';
    context.lineWidth = thick + 2;
    context.stroke();
    context.strokeStyle = style.getPropertyValue(colour).trim() || 'white';
    context.lineWidth = thick;
    context.stroke();
  }
}

/** The part of a line that is before the camera; null where none is. */
function clipped(a: Vector, b: Vector, pose: Pose): readonly [Vector, Vector] | null {
  const eye = eyeOf(pose);
  const { forward } = axesOf(pose);
  const near = pose.distance * NEAR_SHARE;
  const [depthA, depthB] = [dot(minus(a, eye), forward) - near, dot(minus(b, eye), forward) - near];
  if (depthA < 0 && depthB < 0) return null;
  if (depthA >= 0 && depthB >= 0) return [a, b];
  const crossing = sum(a, times(minus(b, a), depthA / (depthA - depthB)));
  return depthA < 0 ? [crossing, b] : [a, crossing];
}
