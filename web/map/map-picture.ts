import { toPlace, type Origin } from '../measure/frame';

/** Longitude and latitude, degrees. */
type LngLat = [number, number];

/** A picture that lies on the map. */
export interface MapPicture {
  readonly url: string;
  /** North-west, north-east, south-east, south-west. */
  readonly corners: [LngLat, LngLat, LngLat, LngLat];
}

const CORNERS = ['northWest', 'northEast', 'southEast', 'southWest'] as const;

/**
 * Where topdown.webp lies, by topdown.json and scene.json (docs/scenes.md); null where these do not say.
 * @param url of the picture
 */
export function mapPicture(topdown: unknown, scene: unknown, url: string): MapPicture | null {
  const origin = (scene as { readonly origin?: Origin | null } | null)?.origin;
  const { corners, groundUpM } = (topdown ?? {}) as {
    readonly corners?: Readonly<Partial<Record<(typeof CORNERS)[number], readonly number[]>>>;
    readonly groundUpM?: number;
  };
  if (!origin || corners === undefined) return null;
  const places = CORNERS.flatMap((name): LngLat[] => {
    const [east, north] = corners[name] ?? [];
    if (east === undefined || north === undefined) return [];
    const { longitude, latitude } = toPlace(origin, [east, north, groundUpM ?? 0]);
    return [[longitude, latitude]];
  });
  return places.length === CORNERS.length ? { url, corners: places as MapPicture['corners'] } : null;
}
