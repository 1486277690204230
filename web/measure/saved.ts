import type { AnnotationDraft, AnnotationView } from '../../contracts/scene/annotation-schema';
import type { KnownDistance, Scale, SceneFrame } from './frame';
import { readings, unitOf, type Mark } from './mark';
import { UNKNOWN_SPREAD } from './measurement';
import { vectorOf } from './vectors';

/** Marks as the server keeps them. */

export function toDraft(mark: Mark, frame: SceneFrame, scale: Scale): AnnotationDraft {
  const vertices = mark.vertices.map(({ point: [x, y, z] }): [number, number, number] => [x, y, z]);
  const { kind, text, view, known } = mark;
  const [reading] = readings(mark, frame, scale);
  const isMeasured = reading !== undefined && kind !== 'point' && (kind !== 'volume' || reading.figure === 'net');
  const value =
    kind === 'scale'
      ? { amount: known?.metres ?? 1, sigma: known?.sigma ?? 0, unit: 'm' }
      : isMeasured
        ? { ...reading.value, unit: unitOf(reading.dimension, scale) }
        : null;
  return { kind, vertices, text, view, value } as unknown as AnnotationDraft;
}

/** The spread of its points is not kept: it is measured again from where they were looked at, and not known until then. */
export function fromAnnotation(annotation: AnnotationView, locked = false): Mark {
  const { annotationId, kind, vertices, text, view, value } = annotation;
  return {
    id: annotationId,
    locked,
    kind,
    text,
    view: view && {
      eye: vectorOf(view.eye),
      target: vectorOf(view.target),
      up: vectorOf(view.up),
      fieldOfViewDeg: view.fieldOfViewDeg,
    },
    vertices: vertices.map((point) => ({ point: vectorOf(point), spread: UNKNOWN_SPREAD })),
    ...(kind === 'scale' && value !== null ? { known: { metres: value.amount, sigma: value.sigma ?? 0 } } : {}),
  };
}

/** The newest known distance; null where there is none. */
export function knownDistance(marks: readonly Mark[]): KnownDistance | null {
  const mark = marks.findLast(({ kind, known }) => kind === 'scale' && known);
  const [a, b] = mark?.vertices ?? [];
  if (!mark?.known || a === undefined || b === undefined) return null;
  return { vertices: [a.point, b.point], ...mark.known };
}
