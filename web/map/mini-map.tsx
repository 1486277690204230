import type { ReactNode } from 'react';
import { lengthWords, useUnits } from '../ui/units';
import { pathShape, type PathPoint } from './path-shape';
import './mini-map.css';

const SIZE = { width: 320, height: 200, margin: 22 };

/** A flight's path as a small drawing, north up, with its scale. Nothing of no points. */
export function MiniMap({
  points,
  label,
}: {
  readonly points: readonly PathPoint[];
  /** For those who do not see it. */
  readonly label: string;
}): ReactNode {
  const units = useUnits();
  const shape = pathShape(points, SIZE, units);
  if (shape === null) return null;
  const { width, height } = SIZE;
  const line = shape.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const [first] = shape.points;
  const { metres, length } = shape.scale;
  const bar = { from: width - 12 - length, to: width - 12, y: height - 10 };
  return (
    <svg className="mini-map" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polyline className="path" points={line} />
      {shape.points.map(({ x, y }, index) => (
        <circle key={index} className="place" cx={x.toFixed(1)} cy={y.toFixed(1)} r={2.2} />
      ))}
      {first !== undefined && <circle className="first" cx={first.x} cy={first.y} r={4} />}
      <path className="scale" d={`M${bar.from} ${bar.y - 4}V${bar.y}H${bar.to}V${bar.y - 4}`} />
      <text className="scale-text" x={bar.to} y={bar.y - 6}>
        {units === 'metric' && metres >= 1000 ? `${metres / 1000} km` : lengthWords(metres, metres < 1 ? 1 : 0, units)}
      </text>
      <path className="north" d="M16 24V8M12 12l4-4 4 4" />
    </svg>
  );
}
