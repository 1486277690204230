import type { ColumnGrid, Columns } from '../picking/columns';
import { knownDistance } from './saved';
import { scaleOf, type Scale, type SceneFrame } from './frame';
import { amend, begin, redo, step, undo, type History } from './history';
import { POINTS, type Mark, type MarkKind, type View } from './mark';
import type { Vertex } from './measurement';
import type { Vector } from './vectors';
import { planVolume, volume } from './volume';

/** What somebody measures: tools, the mark in the making, what is there, and the way back. Knows of no page. */

export type MeasureProblem = 'no surface' | 'unreadable' | 'flat';

export interface SessionState {
  readonly tool: MarkKind | null;
  /** Points of the mark in the making. */
  readonly draft: readonly Vertex[];
  /** Where the pointer is on the surface, for the preview. */
  readonly hover: Vertex | null;
  readonly marks: readonly Mark[];
  readonly selected: string | null;
  /** A point of the selected mark that the next press moves. */
  readonly moving: number | null;
  readonly scale: Scale;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly problem: MeasureProblem | null;
  /** Volumes whose rays are on their way. */
  readonly busy: number;
}

export interface SessionDeps {
  readonly frame: SceneFrame;
  /** The surface at a place of the picture; rejects where the scene cannot be read. */
  readonly pick: (x: number, y: number) => Promise<Vertex | null>;
  readonly pickFrom: (eye: Vector, towards: Vector) => Promise<Vertex | null>;
  readonly pickColumns: (grid: ColumnGrid) => Promise<Columns>;
  readonly view: () => View;
  /** After each step that is to be kept. */
  readonly changed: (marks: readonly Mark[]) => void;
}

export interface Session {
  get(): SessionState;
  subscribe(changed: () => void): () => void;
  /** Takes what is kept already; that is no step. */
  load(marks: readonly Mark[]): void;
  choose(tool: MarkKind | null): void;
  /** A press: the next point, or the new place of one that is moved. */
  place(x: number, y: number): Promise<void>;
  hoverAt(x: number, y: number): void;
  /** Ends a mark that takes any number of points. */
  finish(): void;
  /** The mark in the making first, then the tool, then what is selected. False where there is nothing to leave. */
  cancel(): boolean;
  undo(): void;
  redo(): void;
  select(id: string | null): void;
  move(index: number | null): void;
  remove(id: string): void;
  setText(id: string, text: string): void;
  setKnown(id: string, metres: number, sigma: number): void;
  /** Moves a point while it is dragged; the step comes with `dropped`. */
  dragTo(index: number, x: number, y: number): void;
  dropped(): void;
}

const sureness = ({ spread, across }: Vertex): Omit<Vertex, 'point'> => ({ spread, across });
/** Without what else is known of a pick. */
const vertexOf = (picked: Vertex): Vertex => ({ point: picked.point, ...sureness(picked) });

export function createSession(deps: SessionDeps): Session {
  const listeners = new Set<() => void>();
  let history: History<readonly Mark[]> = begin([]);
  let tool: MarkKind | null = null;
  let draft: readonly Vertex[] = [];
  let hover: Vertex | null = null;
  let selected: string | null = null;
  let moving: number | null = null;
  let problem: MeasureProblem | null = null;
  let busy = 0;
  let made = 0;
  let state: SessionState;
  /** Before a drag, so that it is one step. */
  let beforeDrag: readonly Mark[] | null = null;

  const tell = (): void => {
    state = {
      tool,
      draft,
      hover,
      marks: history.present,
      selected,
      moving,
      scale: scaleOf(deps.frame, knownDistance(history.present)),
      canUndo: history.past.length > 0 || draft.length > 0,
      canRedo: history.future.length > 0,
      problem,
      busy,
    };
    for (const listener of listeners) listener();
  };
  tell();

  const become = (next: History<readonly Mark[]>): void => {
    const { factor, relativeSigma } = state.scale;
    history = next;
    const scale = scaleOf(deps.frame, knownDistance(history.present));
    // Volumes are told in the scale that there was.
    if (scale.factor !== factor || scale.relativeSigma !== relativeSigma)
      history = amend(
        history,
        history.present.map((mark) => (mark.kind === 'volume' ? { ...mark, volume: undefined } : mark)),
      );
    if (!history.present.some(({ id }) => id === selected)) selected = null;
    moving = null;
    tell();
    deps.changed(history.present);
    measureVolumes();
  };
  const patched = (id: string, change: Partial<Mark>): readonly Mark[] =>
    history.present.map((mark) => (mark.id === id ? { ...mark, ...change } : mark));

  const isLocked = (id: string | null): boolean =>
    history.present.some((mark) => mark.id === id && mark.locked === true);

  /** Rays of all volumes that have none, one after the other. */
  const measureVolumes = (): void => {
    const mark = history.present.find((each) => each.kind === 'volume' && each.volume === undefined);
    if (mark === undefined || busy > 0) return;
    const plan = planVolume(mark.vertices);
    const keep = (found: Mark['volume']): void => {
      // The outline may have been moved meanwhile.
      const still = history.present.find(({ id }) => id === mark.id);
      if (still?.vertices === mark.vertices) history = amend(history, patched(mark.id, { volume: found }));
    };
    if (plan === null) {
      keep(null);
      problem = 'flat';
      tell();
      measureVolumes();
      return;
    }
    busy += 1;
    tell();
    deps
      .pickColumns(plan.grid)
      .then(
        (columns) => keep(volume(plan, columns, state.scale)),
        () => {
          keep(null);
          problem = 'unreadable';
        },
      )
      .finally(() => {
        busy -= 1;
        tell();
        deps.changed(history.present);
        measureVolumes();
      });
  };

  const found = async (x: number, y: number): Promise<Vertex | null> => {
    try {
      const picked = await deps.pick(x, y);
      problem = picked === null ? 'no surface' : null;
      return picked && vertexOf(picked);
    } catch {
      problem = 'unreadable';
      return null;
    }
  };

  const end = (): void => {
    if (tool === null || draft.length < POINTS[tool][0]) return;
    made += 1;
    const mark: Mark = { id: `new-${String(made)}`, kind: tool, vertices: draft, text: '', view: deps.view() };
    draft = [];
    hover = null;
    selected = mark.id;
    // One note or scale at a time: words are asked for now.
    if (tool === 'note' || tool === 'scale') tool = null;
    become(step(history, [...history.present, mark]));
  };

  let looking = false;
  let wanted: { x: number; y: number; then: (vertex: Vertex) => void } | null = null;
  /** One ray after the other, and of those that wait the newest. */
  const follow = (x: number, y: number, then: (vertex: Vertex) => void): void => {
    wanted = { x, y, then };
    if (looking) return;
    looking = true;
    void (async () => {
      while (wanted !== null) {
        const { x: atX, y: atY, then: take } = wanted;
        wanted = null;
        const picked = await deps.pick(atX, atY).catch(() => null);
        if (picked !== null) take(vertexOf(picked));
      }
      looking = false;
    })();
  };

  const withVertex = (mark: Mark, index: number, vertex: Vertex): Partial<Mark> => ({
    vertices: mark.vertices.map((each, i) => (i === index ? vertex : each)),
    ...(mark.kind === 'volume' ? { volume: undefined } : {}),
    view: deps.view(),
  });

  /** The spreads of marks that came without, from where they were looked at. */
  const spread = async (marks: readonly Mark[]): Promise<void> => {
    for (const mark of marks) {
      const { eye } = mark.view ?? {};
      if (eye === undefined) continue;
      const picked = await Promise.all(mark.vertices.map(({ point }) => deps.pickFrom(eye, point).catch(() => null)));
      const vertices = mark.vertices.map((vertex, i) => ({ ...vertex, ...(picked[i] && sureness(picked[i])) }));
      const still = history.present.find(({ id }) => id === mark.id);
      if (still?.vertices === mark.vertices) history = amend(history, patched(mark.id, { vertices }));
      tell();
    }
    measureVolumes();
  };

  return {
    get: () => state,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    load(marks) {
      history = begin(marks);
      tell();
      void spread(marks.filter(({ kind }) => kind !== 'note' && kind !== 'scale'));
    },
    choose(next) {
      tool = next;
      draft = [];
      hover = null;
      moving = null;
      problem = null;
      if (next !== null) selected = null;
      tell();
    },
    async place(x, y) {
      const chosen = tool;
      const index = moving;
      const vertex = await found(x, y);
      if (vertex === null) {
        tell();
        return;
      }
      const mark = history.present.find(({ id }) => id === selected);
      if (index !== null && mark !== undefined)
        become(step(history, patched(mark.id, withVertex(mark, index, vertex))));
      else if (chosen !== null && chosen === tool) {
        draft = [...draft, vertex];
        if (draft.length >= POINTS[chosen][1]) end();
        else tell();
      } else tell();
    },
    hoverAt(x, y) {
      if (tool === null || draft.length === 0) return;
      follow(x, y, (vertex) => {
        if (tool === null || draft.length === 0) return;
        hover = vertex;
        tell();
      });
    },
    finish: end,
    cancel() {
      if (draft.length > 0) draft = [];
      else if (moving !== null) moving = null;
      else if (tool !== null) tool = null;
      else if (selected !== null) selected = null;
      else return false;
      hover = null;
      tell();
      return true;
    },
    undo() {
      if (draft.length > 0) {
        draft = draft.slice(0, -1);
        hover = null;
        tell();
      } else if (history.past.length > 0) become(undo(history));
    },
    redo() {
      if (history.future.length > 0) become(redo(history));
    },
    select(id) {
      selected = id;
      moving = null;
      tell();
    },
    move(index) {
      if (isLocked(selected)) return;
      moving = index;
      tool = null;
      draft = [];
      tell();
    },
    remove(id) {
      if (isLocked(id)) return;
      become(
        step(
          history,
          history.present.filter((mark) => mark.id !== id),
        ),
      );
    },
    setText(id, text) {
      if (history.present.some((mark) => mark.id === id && mark.text !== text))
        become(step(history, patched(id, { text })));
    },
    setKnown(id, metres, sigma) {
      become(step(history, patched(id, { known: { metres, sigma } })));
    },
    dragTo(index, x, y) {
      if (isLocked(selected)) return;
      beforeDrag ??= history.present;
      follow(x, y, (vertex) => {
        const mark = history.present.find(({ id }) => id === selected);
        if (mark === undefined || beforeDrag === null) return;
        history = amend(history, patched(mark.id, withVertex(mark, index, vertex)));
        tell();
      });
    },
    dropped() {
      const before = beforeDrag;
      beforeDrag = null;
      if (before === null || before === history.present) return;
      become(step(amend(history, before), history.present));
    },
  };
}
