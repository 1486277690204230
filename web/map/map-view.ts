import {
  LngLatBounds,
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type StyleSpecification,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { UnitSystem } from '../../contracts/scene/units';
import { result } from '../i18n/en/result';
import type { MapPicture } from './map-picture';

/** The map of a flight: all that knows of MapLibre. Without a style of its own it asks no other host for anything. */

export interface MapPlace {
  readonly name: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** Whether the photo is in the scene. */
  readonly isPlaced: boolean;
}

/** As CSS writes them. */
export interface MapColours {
  readonly ground: string;
  readonly placed: string;
  readonly lost: string;
  readonly edge: string;
}

export interface MapView {
  paint(colours: MapColours): void;
  destroy(): void;
}

export interface MapOptions {
  /** In the order of the flight, one or more. */
  readonly places: readonly MapPlace[];
  /** The scene from above, below the path; null where there is none. */
  readonly picture: MapPicture | null;
  /** Of a style with tiles; null = none. */
  readonly styleUrl: string | null;
  readonly units: UnitSystem;
  readonly colours: MapColours;
  readonly chosen: (name: string) => void;
}

const BARE: StyleSpecification = { version: 8, sources: {}, layers: [{ id: 'ground', type: 'background' }] };
const CLOSEST_ZOOM = 21;
/** What a finger hits around a place, pixels. */
const REACH_PIXELS = 16;

setWorkerUrl(new URL(workerUrl, location.href).href);

/** Throws where the browser has no WebGL 2. */
export function createMapView(container: HTMLElement, options: MapOptions): MapView {
  const { places, picture, styleUrl, units, chosen } = options;
  let { colours } = options;
  const bounds = new LngLatBounds();
  for (const { longitude, latitude } of places) bounds.extend([longitude, latitude]);
  const map = new MapLibre({
    container,
    style: styleUrl ?? BARE,
    bounds,
    fitBoundsOptions: { padding: 40, maxZoom: CLOSEST_ZOOM - 1 },
    maxZoom: CLOSEST_ZOOM,
    attributionControl: styleUrl === null ? false : { compact: true },
    // One finger scrolls the page.
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    locale: result.photos.mapWords,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: units }), 'bottom-left');

  let isStyled = false;
  map.on('style.load', () => {
    isStyled = true;
    addFlight(map, places, picture);
    paint(map, colours);
  });
  map.on('error', () => {
    // A style that does not come leaves the path on a plain ground.
    if (isStyled || styleUrl === null) return;
    isStyled = true;
    map.setStyle(BARE);
  });
  map.on('click', 'reach', ({ features = [] }) => {
    const name: unknown = features[0]?.properties.name;
    if (typeof name === 'string') chosen(name);
  });
  for (const [event, cursor] of [
    ['mouseenter', 'pointer'],
    ['mouseleave', ''],
  ] as const)
    map.on(event, 'reach', () => (map.getCanvas().style.cursor = cursor));

  return {
    paint(next) {
      colours = next;
      if (map.getLayer('places') !== undefined) paint(map, colours);
    },
    destroy: () => map.remove(),
  };
}

function addFlight(map: MapLibre, places: readonly MapPlace[], picture: MapPicture | null): void {
  const at = ({ longitude, latitude }: MapPlace): [number, number] => [longitude, latitude];
  if (picture !== null) {
    map.addSource('picture', { type: 'image', url: picture.url, coordinates: picture.corners });
    map.addLayer({ id: 'picture', type: 'raster', source: 'picture', paint: { 'raster-fade-duration': 0 } });
  }
  map.addSource('path', {
    type: 'geojson',
    data: { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: places.map(at) } },
  });
  map.addSource('places', {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: places.map((place) => ({
        type: 'Feature',
        properties: { name: place.name, isPlaced: place.isPlaced },
        geometry: { type: 'Point', coordinates: at(place) },
      })),
    },
  });
  map.addLayer({ id: 'path', type: 'line', source: 'path', paint: { 'line-width': 1.5, 'line-opacity': 0.7 } });
  map.addLayer({
    id: 'places',
    type: 'circle',
    source: 'places',
    paint: { 'circle-radius': 5, 'circle-stroke-width': 1.5 },
  });
  map.addLayer({
    id: 'reach',
    type: 'circle',
    source: 'places',
    paint: { 'circle-radius': REACH_PIXELS, 'circle-opacity': 0 },
  });
}

function paint(map: MapLibre, { ground, placed, lost, edge }: MapColours): void {
  if (map.getLayer('ground') !== undefined) map.setPaintProperty('ground', 'background-color', ground);
  map.setPaintProperty('path', 'line-color', placed);
  map.setPaintProperty('places', 'circle-color', ['case', ['get', 'isPlaced'], placed, lost]);
  map.setPaintProperty('places', 'circle-stroke-color', edge);
}
