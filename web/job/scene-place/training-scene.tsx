import { useQuery } from '@tanstack/react-query';
import { House, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { job as words } from '../../i18n/en/job';
import { scene as sceneWords } from '../../i18n/en/scene';
import type { View } from '../../measure/mark';
import type { SceneOptions } from '../../scene/handle';
import { jsonOrNull, readSceneFile } from '../../scene-page/data/scene-files';
import { Stage } from '../../scene-page/stage';
import { Tool } from '../../scene-page/toolbar';
import { useScene } from '../../scene-page/use-scene';
import { previewOf, previewSceneOf, shownFile } from '../../ui/address';

/**
 * A scene that is still being trained, to look around in. A newer one takes its place, seen from where one stands.
 * @param version of the file: another one is another scene
 */
export default function TrainingScene(props: {
  readonly jobId: string;
  readonly version: string;
  readonly onClose: () => void;
}): ReactNode {
  const { jobId, version, onClose } = props;
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const { data: opening } = useQuery({
    queryKey: ['training view', jobId],
    queryFn: async ({ signal }) => readSceneFile(await jsonOrNull(shownFile(jobId, 'scene.json'), signal)).options,
    staleTime: Infinity,
  });
  const place = useRef<View | null>(null);
  const options = useMemo<SceneOptions>(() => {
    const source = { url: `${previewSceneOf(jobId)}?version=${encodeURIComponent(version)}`, pickUrl: null };
    return { source, ...(fromWhere(place.current) ?? opening ?? NO_VIEW) };
  }, [jobId, version, opening]);
  const handle = useScene(opening === undefined ? null : element, options);
  useEffect(
    () =>
      handle?.camera.subscribe(() => {
        place.current = handle.camera.get();
      }),
    [handle],
  );
  return (
    <div className="training-scene">
      <Stage handle={handle} poster={previewOf(jobId)} onElement={setElement} />
      <div
        className="scene-keys"
        role="application"
        tabIndex={0}
        aria-label={words.scene.training}
        onKeyDown={(event) => {
          if (handle?.key(event.nativeEvent, true) === true) event.preventDefault();
        }}
        onKeyUp={(event) => handle?.key(event.nativeEvent, false)}
      />
      <div className="scene-bar of-picture" role="toolbar" aria-label={sceneWords.tools.picture}>
        <Tool icon={House} name={sceneWords.actions.home} onPress={() => handle?.camera.home()} />
        <Tool icon={X} name={words.scene.leave} onPress={onClose} />
      </div>
    </div>
  );
}

type Opening = Omit<SceneOptions, 'source'>;
const NO_VIEW: Opening = { subject: null, openingView: null };

const fromWhere = (view: View | null): Opening | null =>
  view && {
    subject: null,
    openingView: { position: view.eye, target: view.target, fieldOfViewDeg: view.fieldOfViewDeg },
  };
