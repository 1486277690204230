import { lengthUnit, type UnitSystem } from '../../contracts/scene/units';
import { enuAxes, isMetric, toEnu, toPlace, type Scale, type SceneFrame } from './frame';
import { area, distance, height, polyline, scaled, sigmaOf, type Value, type Vertex } from './measurement';
import type { Vector } from './vectors';
import type { Volume } from './volume';

/** What people mark in a scene, and what each kind of mark tells. */

export const MEASURED_KINDS = ['point', 'distance', 'height', 'polyline', 'area', 'volume'] as const;
export type MarkKind = (typeof MEASURED_KINDS)[number] | 'note' | 'scale';

/** How many points each kind has: those with as many at least and at most end by themselves. */
export const POINTS: Readonly<Record<MarkKind, readonly [min: number, max: number]>> = {
  note: [1, 1],
  point: [1, 1],
  distance: [2, 2],
  scale: [2, 2],
  height: [2, 2],
  polyline: [2, 200],
  area: [3, 200],
  volume: [3, 200],
};

export const isOutline = (kind: MarkKind): boolean => kind === 'area' || kind === 'volume';

/** From where a mark was made. */
export interface View {
  readonly eye: Vector;
  readonly target: Vector;
  readonly up: Vector;
  readonly fieldOfViewDeg: number;
}

export interface Mark {
  readonly id: string;
  readonly kind: MarkKind;
  readonly vertices: readonly Vertex[];
  readonly text: string;
  readonly view: View | null;
  /** Of somebody else: it can be looked at alone. */
  readonly locked?: boolean;
  /** Of a volume that has been measured; of a known distance, the metres. */
  readonly volume?: Volume | null | undefined;
  readonly known?: { readonly metres: number; readonly sigma: number } | null | undefined;
}

export const FIGURES = [
  'east',
  'north',
  'up',
  'direct',
  'horizontal',
  'vertical',
  'height',
  'length',
  'area',
  'horizontalArea',
  'perimeter',
  'net',
  'fill',
  'cut',
  'known',
] as const;
export type Figure = (typeof FIGURES)[number];

/** A value of a mark; its unit is the power of the length. The first of a mark is the one that its label shows. */
export interface Reading {
  readonly figure: Figure;
  readonly value: Value;
  readonly dimension: 1 | 2 | 3;
}

/** All values of a mark that has its points; none of one that lacks some, and of notes. */
export function readings(mark: Mark, frame: SceneFrame, scale: Scale): readonly Reading[] {
  const { kind, vertices, volume } = mark;
  if (vertices.length < POINTS[kind][0]) return [];
  const [a, b] = vertices as readonly [Vertex, Vertex];
  const of = (figure: Figure, value: Value, dimension: 1 | 2 | 3 = 1): Reading => ({ figure, value, dimension });
  switch (kind) {
    case 'note':
      return [];
    case 'point': {
      const place = toEnu(frame, scale, a.point);
      const axes = enuAxes(frame);
      const along = (figure: Figure, axis: 0 | 1 | 2): Reading => {
        const { sigma } = scaled(0, sigmaOf(a, axes[axis]), 1, scale);
        return of(figure, { amount: place[axis], sigma });
      };
      return [along('east', 0), along('north', 1), along('up', 2)];
    }
    case 'scale':
      return [of('known', { amount: mark.known?.metres ?? 0, sigma: mark.known?.sigma ?? null })];
    case 'distance': {
      const { direct, horizontal, vertical } = distance(a, b, scale);
      return [of('direct', direct), of('horizontal', horizontal), of('vertical', vertical)];
    }
    case 'height':
      return [of('height', height(a, b, scale))];
    case 'polyline':
      return [of('length', polyline(vertices, scale))];
    case 'area': {
      const { plane, horizontal, perimeter } = area(vertices, scale);
      return [of('area', plane, 2), of('horizontalArea', horizontal, 2), of('perimeter', perimeter)];
    }
    case 'volume': {
      const base = [of('horizontalArea', area(vertices, scale).horizontal, 2)];
      if (!volume) return base;
      return [of('net', volume.net, 3), of('fill', volume.fill, 3), of('cut', volume.cut, 3), ...base];
    }
  }
}

/** `m`, `m2`, `m3`, where wanted `ft` with the same powers; `unit` where nobody knows the scale. */
export const unitOf = (dimension: 1 | 2 | 3, scale: Scale, units: UnitSystem = 'metric'): string =>
  `${isMetric(scale) ? lengthUnit(units) : 'unit'}${dimension === 1 ? '' : dimension}`;

/** Where a point lies on Earth; null where the scene is not laid on the map. */
export function placeOf(frame: SceneFrame, scale: Scale, point: Vector): ReturnType<typeof toPlace> | null {
  return frame.origin === null || frame.enuFromScene === null
    ? null
    : toPlace(frame.origin, toEnu(frame, scale, point));
}
