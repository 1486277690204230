import type { ReactNode } from 'react';
import { scene as words } from '../i18n/en/scene';
import type { SceneHandle } from '../scene/handle';
import { share as percent } from '../ui/format';
import { useSceneState } from './use-scene';
import './scene.css';

/** The picture itself, and what stands there until it comes. */
export function Stage(props: {
  readonly handle: SceneHandle | null;
  readonly poster: string | null;
  readonly onElement: (element: HTMLDivElement | null) => void;
}): ReactNode {
  const { handle, poster, onElement } = props;
  const { phase, problem, progress, reduced } = useSceneState(handle);
  return (
    <>
      {poster !== null && phase === 'loading' && <img className="scene-poster" src={poster} alt="" />}
      <div ref={onElement} className="scene-view" data-phase={phase} />
      {phase === 'loading' && (
        <p className="scene-message" role="status">
          {progress === null ? words.starting : words.loading(percent(progress))}
        </p>
      )}
      {problem !== null && (
        <p className="scene-message bad" role="alert">
          {words.problems[problem]}
        </p>
      )}
      {phase === 'lost' && (
        <p className="scene-message" role="status">
          {words.lost}
        </p>
      )}
      {phase === 'ready' && reduced && (
        <p className="scene-message passing" role="status">
          {words.reduced}
        </p>
      )}
    </>
  );
}
