import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { bringIntoView } from '../ui/bring-into-view';
import { scene as words } from '../i18n/en/scene';
import type { Mark } from '../measure/mark';
import { fromAnnotation, toDraft } from '../measure/saved';
import { createSession, type Session } from '../measure/session';
import { createMarkSync } from '../measure/sync';
import type { SceneHandle } from '../scene/handle';
import { Labels, markLines } from './labels';
import { MarksPanel } from './marks-panel';
import { flightLines, type PhotoPlace } from './data/photos';
import { PhotoStrip } from './photo-strip';
import { saveFile } from './save-file';
import type { SceneData } from './data/scene-files';
import { Toolbar } from './toolbar';
import { pointerTool } from './pointer-tool';
import { Stage } from './stage';
import { useScene } from './use-scene';
import './scene.css';

const NO_PHOTOS: readonly PhotoPlace[] = [];

/** A scene with its tools and its list of marks. */
export function Viewer(props: {
  readonly data: SceneData;
  /** Places of the photos; none where they are not known yet, or not shown. */
  readonly photos?: readonly PhotoPlace[];
  /** More buttons for the picture, and what stands below the list. */
  readonly actions?: ReactNode;
  readonly below?: ReactNode;
}): ReactNode {
  const { data, photos = NO_PHOTOS, actions, below } = props;
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const options = useMemo(() => ({ ...data.options, source: data.source }), [data]);
  const handle = useScene(element, options);
  return (
    <div className="scene-page">
      <div className="scene-stage">
        <Stage handle={handle} poster={data.poster} onElement={setElement} />
        {data.credits.length > 0 && <p className="scene-credits">{words.credits(data.credits)}</p>}
        {handle !== null && (
          <Tools
            key={data.source.url}
            data={data}
            photos={photos}
            handle={handle}
            actions={actions}
            below={below}
            onScene={() => bringIntoView(element)}
          />
        )}
      </div>
    </div>
  );
}

function Tools(props: {
  readonly data: SceneData;
  readonly photos: readonly PhotoPlace[];
  readonly handle: SceneHandle;
  readonly actions: ReactNode;
  readonly below: ReactNode;
  /** Something is to be seen, or done, in the picture: on phones the list stands below it. */
  readonly onScene: () => void;
}): ReactNode {
  const { data, photos, handle, actions, below, onScene } = props;
  const sync = useMemo(() => createMarkSync(data.annotations), [data]);
  const session: Session = useMemo(
    () =>
      createSession({
        frame: data.frame,
        pick: handle.pick,
        pickFrom: handle.pickFrom,
        pickColumns: handle.pickColumns,
        view: handle.camera.get,
        changed: (marks) => {
          if (data.mayMeasure) void sync.bring(draftsOf(marks, data, session.get().scale));
        },
      }),
    [data, handle, sync],
  );
  useLoaded(data, session, sync);
  const state = useSyncExternalStore(session.subscribe, session.get);
  const syncState = useSyncExternalStore(sync.subscribe, sync.state);
  const [path, setPath] = useState(false);
  const [photosOf, setPhotosOf] = useState<Mark | null>(null);
  const loupe = useRef<HTMLCanvasElement>(null);
  const [aim, setAim] = useState<{ x: number; y: number } | null>(null);
  const [keyboard, setKeyboard] = useState(false);

  const lines = useMemo(() => markLines(state), [state]);
  const flight = useMemo(() => (path ? flightLines(photos, spanOf(data) / 40) : []), [path, photos, data]);
  useEffect(() => handle.draw([...flight, ...lines]), [handle, flight, lines]);

  const magnify = useCallback(
    (at: { x: number; y: number } | null) => {
      setAim(at);
      if (at !== null && loupe.current !== null) handle.magnify(loupe.current, at);
    },
    [handle],
  );
  useEffect(() => {
    handle.use(pointerTool(handle, session, magnify));
    return () => handle.use(null);
  }, [handle, session, magnify]);

  const onKey = (event: KeyboardEvent, pressed: boolean): void => {
    if (pressed && !event.repeat) setKeyboard(true);
    if (pressed && byKey(event, handle, session)) event.preventDefault();
    else if (handle.key(event.nativeEvent, pressed)) event.preventDefault();
  };
  const isAiming = state.tool !== null || state.moving !== null;
  return (
    <>
      <div
        className="scene-keys"
        role="application"
        tabIndex={0}
        aria-label={words.canvas}
        aria-describedby="scene-keys"
        data-tool={state.tool ?? undefined}
        onKeyDown={(event) => onKey(event, true)}
        onKeyUp={(event) => onKey(event, false)}
        onPointerDown={() => setKeyboard(false)}
      />
      <p id="scene-keys" className="scene-hidden">
        {words.keys}
      </p>
      <Labels handle={handle} session={session} state={state} frame={data.frame} />
      {isAiming && keyboard && <i className="scene-cross" />}
      <canvas
        ref={loupe}
        className="scene-loupe"
        width={240}
        height={240}
        hidden={aim === null}
        style={aim === null ? {} : { left: aim.x, top: aim.y }}
      />
      <Toolbar
        data={data}
        photos={photos}
        session={session}
        state={state}
        path={path}
        onPath={() => setPath(!path)}
        onHome={handle.camera.home}
        onSnapshot={() => void handle.capture().then((picture) => saveFile(picture, `${data.name}.png`))}
        actions={actions}
      />
      <aside className="scene-panel" aria-label={words.marks.heading}>
        {photosOf !== null && (
          <PhotoStrip
            photos={photos}
            handle={handle}
            mark={photosOf}
            onScene={onScene}
            onClose={() => setPhotosOf(null)}
          />
        )}
        <MarksPanel
          data={data}
          photos={photos}
          session={session}
          state={state}
          handle={handle}
          sync={syncState}
          onPhotos={setPhotosOf}
          onScene={onScene}
        />
        {below}
      </aside>
    </>
  );
}

const spanOf = ({ options: { subject } }: SceneData): number =>
  subject === null ? 10 : Math.hypot(...[0, 1, 2].map((k) => (subject.max[k] ?? 0) - (subject.min[k] ?? 0)));

/** Notes without words and known lengths without a length are not kept yet. */
function draftsOf(marks: readonly Mark[], data: SceneData, scale: Parameters<typeof toDraft>[2]) {
  const complete = marks.filter(
    ({ kind, text, known }) => !(kind === 'note' && text === '') && !(kind === 'scale' && !known),
  );
  return new Map(complete.map((mark) => [mark.id, toDraft(mark, data.frame, scale)]));
}

/** Takes what is kept, once. */
function useLoaded(data: SceneData, session: Session, sync: ReturnType<typeof createMarkSync>): void {
  useEffect(() => {
    let left = false;
    void data.annotations.list().then(
      (annotations) => {
        if (left) return;
        sync.adopt(annotations);
        session.load(annotations.map((each) => fromAnnotation(each, !data.mayChangeAll && each.shareId === null)));
      },
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [data, session, sync]);
}

function byKey(event: KeyboardEvent, handle: SceneHandle, session: Session): boolean {
  const { key, ctrlKey, metaKey, shiftKey } = event;
  const { selected, tool, moving } = session.get();
  if ((ctrlKey || metaKey) && key.toLowerCase() === 'z') {
    if (shiftKey) session.redo();
    else session.undo();
    return true;
  }
  if (key === 'Escape') return session.cancel();
  if (key === 'Delete' && selected !== null) {
    session.remove(selected);
    return true;
  }
  if ((key === 'Enter' || key === ' ') && (tool !== null || moving !== null)) {
    const { width, height } = handle.size();
    if (key === 'Enter' && shiftKey) session.finish();
    else void session.place(width / 2, height / 2);
    return true;
  }
  if (key.toLowerCase() === 'm') {
    session.choose(tool === 'distance' ? null : 'distance');
    return true;
  }
  return false;
}
