import {
  Camera,
  Check,
  Eye,
  House,
  Mountain,
  MapPin,
  MoveVertical,
  PencilLine,
  Redo2,
  Route,
  Ruler,
  Scaling,
  Spline,
  Square,
  StickyNote,
  Undo2,
  X,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { scene as words } from '../i18n/en/scene';
import { POINTS, type MarkKind } from '../measure/mark';
import type { Session, SessionState } from '../measure/session';
import type { SceneData } from './data/scene-files';

const TOOLS: readonly (readonly [MarkKind, typeof Ruler])[] = [
  ['distance', Ruler],
  ['height', MoveVertical],
  ['polyline', Spline],
  ['area', Square],
  ['volume', Mountain],
  ['point', MapPin],
  ['note', StickyNote],
  ['scale', Scaling],
];

interface ToolbarProps {
  readonly data: SceneData;
  readonly photos: readonly unknown[];
  readonly session: Session;
  readonly state: SessionState;
  readonly path: boolean;
  readonly onPath: () => void;
  readonly onHome: () => void;
  readonly onSnapshot: () => void;
  readonly actions: ReactNode;
}

/** Tools, and what can be done with the picture. */
export function Toolbar(props: ToolbarProps): ReactNode {
  const { data, photos, session, state, path, onPath, onHome, onSnapshot, actions } = props;
  const { tool } = state;
  return (
    <>
      <div className="scene-bars">
        <Hint {...props} />
        {data.mayMeasure && (
          <div className="scene-bar" role="toolbar" aria-label={words.tools.label}>
            <Tool icon={Eye} name={words.tools.look} pressed={tool === null} onPress={() => session.choose(null)} />
            {TOOLS.filter(([kind]) => kind !== 'scale' || data.mayChangeAll).map(([kind, icon]) => (
              <Tool
                key={kind}
                icon={icon}
                name={words.tools[kind]}
                pressed={tool === kind}
                onPress={() => session.choose(tool === kind ? null : kind)}
              />
            ))}
            <Tool icon={Undo2} name={words.actions.undo} disabled={!state.canUndo} onPress={session.undo} />
            <Tool icon={Redo2} name={words.actions.redo} disabled={!state.canRedo} onPress={session.redo} />
          </div>
        )}
      </div>
      <div className="scene-bar of-picture" role="toolbar" aria-label={words.tools.picture}>
        <Tool icon={House} name={words.actions.home} onPress={onHome} />
        {photos.length > 0 && <Tool icon={Route} name={words.actions.path} pressed={path} onPress={onPath} />}
        <Tool icon={Camera} name={words.actions.snapshot} onPress={onSnapshot} />
        {actions}
      </div>
    </>
  );
}

/** A button of the bar: its picture, and its name below. */
export function Tool(props: {
  readonly icon: typeof Ruler;
  readonly name: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}): ReactNode {
  const { icon: Icon, name, pressed, disabled = false, onPress } = props;
  return (
    <button type="button" className="tool" aria-pressed={pressed} disabled={disabled} onClick={onPress}>
      <Icon size={20} aria-hidden />
      <span>{name}</span>
    </button>
  );
}

/** What to do next with the tool in hand, and what went wrong. */
function Hint({ session, state }: ToolbarProps): ReactNode {
  const { tool, draft, moving, problem } = state;
  const isOpen = tool !== null && POINTS[tool][1] > 2 && draft.length >= POINTS[tool][0];
  const trouble =
    problem === 'no surface'
      ? words.noSurface
      : problem === 'unreadable'
        ? words.pickFailed
        : problem === 'flat'
          ? words.marks.flat
          : null;
  const hint = tool === null ? (moving === null ? null : words.hints.point) : words.hints[tool];
  return (
    <div className="scene-hint" role="status" hidden={hint === null && trouble === null}>
      <PencilLine size={16} aria-hidden />
      <span>{trouble ?? hint}</span>
      {isOpen && (
        <button type="button" className="primary" onClick={session.finish}>
          <Check size={16} aria-hidden /> {words.actions.done}
        </button>
      )}
      {tool !== null && (
        <button type="button" aria-label={words.actions.cancel} onClick={() => void session.cancel()}>
          <X size={16} aria-hidden />
        </button>
      )}
    </div>
  );
}
