import type { ReactNode } from 'react';
import type { UnitSystem } from '../../contracts/scene/units';
import { scene as words } from '../i18n/en/scene';
import { isOutline, readings, type Mark } from '../measure/mark';
import type { Scale, SceneFrame } from '../measure/frame';
import type { Session, SessionState } from '../measure/session';
import { mean, times, sum, type Vector } from '../measure/vectors';
import { valueWords } from '../measure/words';
import type { SceneHandle } from '../scene/handle';
import type { Line } from '../scene/line';
import { useUnits } from '../ui/units';
import { useMoves } from './use-scene';

/** Values beside what they are of, over the picture. Pressing one selects its mark, or with a tool what lies below. */
export function Labels(props: {
  readonly handle: SceneHandle;
  readonly session: Session;
  readonly state: SessionState;
  readonly frame: SceneFrame;
}): ReactNode {
  const { handle, session, state, frame } = props;
  useMoves(handle);
  const units = useUnits();
  const { marks, selected, draft, hover, tool } = state;
  const place = (point: Vector): { left: number; top: number } | null => {
    const { x, y, depth } = handle.project(point);
    const { width, height } = handle.size();
    return depth <= 0 || x < 0 || y < 0 || x > width || y > height ? null : { left: x, top: y };
  };
  const preview: Mark | null =
    tool === null || draft.length === 0
      ? null
      : { id: '', kind: tool, text: '', view: null, vertices: hover === null ? draft : [...draft, hover] };
  const shown = marks.find(({ id }) => id === selected);
  const handles = shown?.vertices ?? draft;
  return (
    <div className="scene-labels" data-measuring={tool !== null}>
      {marks.map((mark) => {
        const at = place(anchorOf(mark));
        const text = labelOf(mark, frame, state.scale, units);
        return (
          at !== null &&
          text !== '' && (
            <button
              key={mark.id}
              type="button"
              className="scene-label"
              style={at}
              aria-pressed={mark.id === selected}
              onClick={() => session.select(mark.id === selected ? null : mark.id)}
            >
              {text}
            </button>
          )
        );
      })}
      {preview !== null && <Preview at={place(anchorOf(preview))} text={labelOf(preview, frame, state.scale, units)} />}
      {handles.map(({ point }, i) => {
        const at = place(point);
        return at !== null && <i key={i} className="scene-point" style={at} data-moving={state.moving === i} />;
      })}
    </div>
  );
}

function Preview({
  at,
  text,
}: {
  readonly at: { left: number; top: number } | null;
  readonly text: string;
}): ReactNode {
  return (
    at !== null &&
    text !== '' && (
      <span className="scene-label preview" style={at}>
        {text}
      </span>
    )
  );
}

/** Where the label stands: at the end of a point, in the middle of everything else. */
function anchorOf({ kind, vertices }: Mark): Vector {
  const points = vertices.map(({ point }) => point);
  const [first, second] = points;
  if (first === undefined) return [0, 0, 0];
  if (second !== undefined && !isOutline(kind) && points.length === 2) return times(sum(first, second), 0.5);
  return isOutline(kind) ? mean(points) : (points.at(-1) ?? first);
}

/** Its first value, else its words. */
export function labelOf(mark: Mark, frame: SceneFrame, scale: Scale, units: UnitSystem): string {
  if (mark.kind === 'note' || (mark.kind === 'point' && mark.text !== '')) return mark.text || words.tools.note;
  if (mark.kind === 'volume' && !mark.volume) return mark.text || words.tools.volume;
  const [reading] = readings(mark, frame, scale);
  if (reading === undefined) return '';
  if (mark.kind === 'scale' && !mark.known) return words.tools.scale;
  if (mark.kind === 'point') return words.tools.point;
  return valueWords(reading.value, reading.dimension, scale, units);
}

const MARK = '--scene-mark';
const CHOSEN = '--scene-chosen';

/** What stands in the picture besides: sides of marks, and the plumb line of a height. */
export function markLines({ marks, selected, draft, hover, tool }: SessionState): Line[] {
  const all = marks.flatMap((mark) =>
    linesOf(
      mark.kind,
      mark.vertices.map(({ point }) => point),
      mark.id === selected,
    ),
  );
  const points = [...draft, ...(hover === null ? [] : [hover])].map(({ point }) => point);
  return tool === null ? all : [...all, ...linesOf(tool, points, true)];
}

function linesOf(kind: Mark['kind'], points: readonly Vector[], chosen: boolean): Line[] {
  const colour = chosen ? CHOSEN : MARK;
  const [a, b] = points;
  if (a === undefined || b === undefined) return [];
  if (kind !== 'height') return [{ points, colour, closed: isOutline(kind), width: chosen ? 3 : 2 }];
  const below: Vector = [b[0], a[1], b[2]];
  return [
    { points: [a, below], colour, dashed: true },
    { points: [below, b], colour, width: chosen ? 3 : 2 },
  ];
}
