import { useEffect, useState, useSyncExternalStore } from 'react';
import type { SceneHandle, SceneOptions, SceneState } from '../scene/handle';

// The part that draws is large: it begins to come before it is known what there is to draw.
import('../scene/scene').catch(() => undefined); // is tried again below

const EMPTY: SceneState = { phase: 'loading', problem: null, progress: null, reduced: false };
const never = (): (() => void) => () => undefined;

/** A scene in an element for as long as that is shown. Null until there is one. */
export function useScene(element: HTMLElement | null, options: SceneOptions): SceneHandle | null {
  const [handle, setHandle] = useState<SceneHandle | null>(null);
  useEffect(() => {
    if (element === null) return;
    const left = new AbortController();
    let made: SceneHandle | null = null;
    void import('../scene/scene').then(({ createScene }) => {
      if (left.signal.aborted) return;
      made = createScene(element, options);
      setHandle(made);
    });
    return () => {
      left.abort();
      made?.destroy();
      setHandle(null);
    };
  }, [element, options]);
  return handle;
}

export const useSceneState = (handle: SceneHandle | null): SceneState =>
  useSyncExternalStore(handle?.state.subscribe ?? never, () => handle?.state.get() ?? EMPTY);

/** A number that is another after each move of the camera. */
export function useMoves(handle: SceneHandle | null): number {
  const [moves, setMoves] = useState(0);
  useEffect(() => handle?.camera.subscribe(() => setMoves((count) => count + 1)), [handle]);
  return moves;
}
