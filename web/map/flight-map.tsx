import { useEffect, useRef, useState, type ReactNode } from 'react';
import { result } from '../i18n/en/result';
import { useDark } from '../ui/scheme';
import { useUnits } from '../ui/units';
import type { MapPicture } from './map-picture';
import { createMapView, type MapColours, type MapPlace, type MapView } from './map-view';
import './flight-map.css';

const words = result.photos;

/** The style that the server names for maps; null where it names none. */
const styleUrl = (): string | null =>
  document.querySelector<HTMLMetaElement>('meta[name="map-style"]')?.content ?? null;

/** Where photos were taken, on a map that can be moved; pressing a place chooses its photo. */
export default function FlightMap(props: {
  readonly places: readonly MapPlace[];
  readonly picture: MapPicture | null;
  readonly onChoose: (name: string) => void;
  /** Where the browser cannot draw maps. */
  readonly fallback: ReactNode;
}): ReactNode {
  const { places, picture, onChoose, fallback } = props;
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<MapView | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const units = useUnits();
  const isDark = useDark();
  const choose = useRef(onChoose);
  choose.current = onChoose;
  useEffect(() => {
    if (place.current === null) return;
    const colours = coloursOf(place.current);
    const chosen = (name: string): void => choose.current(name);
    let made: MapView | null = null;
    try {
      made = createMapView(place.current, { places, picture, styleUrl: styleUrl(), units, colours, chosen });
    } catch {
      setHasFailed(true);
    }
    setView(made);
    return () => made?.destroy();
  }, [places, picture, units]);
  useEffect(() => {
    if (place.current !== null) view?.paint(coloursOf(place.current));
  }, [view, isDark]);

  if (hasFailed) return fallback;
  return (
    <>
      <div ref={place} className="flight-map" />
      <p className="map-legend">
        <i className="placed" /> {words.inScene}
        {places.some(({ isPlaced }) => !isPlaced) && (
          <>
            <i className="lost" /> {words.notInScene}
          </>
        )}
      </p>
    </>
  );
}

/** What the style sheet says for now: a map is painted with plain colours. */
function coloursOf(element: HTMLElement): MapColours {
  const { backgroundColor, color, borderTopColor, outlineColor } = getComputedStyle(element);
  return { ground: backgroundColor, placed: color, lost: outlineColor, edge: borderTopColor };
}
