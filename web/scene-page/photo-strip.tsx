import { X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { scene as words } from '../i18n/en/scene';
import type { Mark } from '../measure/mark';
import { length, mean, minus } from '../measure/vectors';
import type { SceneHandle } from '../scene/handle';
import { bringIntoView } from '../ui/bring-into-view';
import { photosWith, viewOf, type PhotoPlace } from './data/photos';

/** So many are looked at for what stands in their way. */
const MOST = 40;
/** The surface may be met so much before the point, over the distance. */
const IN_THE_WAY = 0.05;

/** Photos that show a place; pressing one looks from where it was taken. */
export function PhotoStrip(props: {
  readonly photos: readonly PhotoPlace[];
  readonly handle: SceneHandle;
  readonly mark: Mark;
  readonly onScene: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const { photos, handle, mark, onScene, onClose } = props;
  const section = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState<readonly PhotoPlace[] | null>(null);
  useEffect(() => {
    let left = false;
    setSeen(null);
    const point = mean(mark.vertices.map((vertex) => vertex.point));
    const candidates = photosWith(photos, point).slice(0, MOST);
    void Promise.all(
      candidates.map(async ({ position }) => {
        const met = await handle.pickFrom(position, point).catch(() => null);
        const distance = length(minus(point, position));
        return met === null || met.distance > distance * (1 - IN_THE_WAY) - met.spread;
      }),
    ).then((clear) => {
      if (!left) setSeen(candidates.filter((_, i) => clear[i]));
    });
    return () => {
      left = true;
    };
  }, [photos, handle, mark]);
  // The button for it stands below it: whoever has pressed that sees what comes.
  useEffect(() => bringIntoView(section.current), [mark, seen]);
  const { heading, one, none, looking } = words.photos;
  return (
    <section ref={section} className="scene-photos">
      <header>
        <h2>{seen === null ? looking : seen.length === 0 ? none : seen.length === 1 ? one : heading(seen.length)}</h2>
        <button type="button" className="plain" aria-label={words.actions.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </button>
      </header>
      <ul>
        {seen?.map((photo) => (
          <li key={photo.name}>
            <button
              type="button"
              onClick={() => {
                const point = mean(mark.vertices.map((vertex) => vertex.point));
                handle.camera.flyTo(viewOf(photo, length(minus(point, photo.position))));
                onScene();
              }}
            >
              {photo.thumbnail !== null && <img src={photo.thumbnail} alt="" loading="lazy" />}
              <span>{photo.name.split('/').at(-1)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
