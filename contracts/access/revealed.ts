import type { DEFINITIONS } from '../stages/stages';
import { isResultFile, type PublishedFile, type ResultFile } from '../storage/layout';
import type { ShareDetail } from './scopes';

/**
 * What each published file tells beside the scene. Holders of a link get a file only where all of it is switched on;
 * scene.json they get without its place on Earth. A new file needs its line before anything compiles.
 */
const REVEALS: Readonly<Record<ResultFile, readonly ShareDetail[]>> = {
  'scene.sog': [],
  'scene.spz': [],
  'scene-phone.sog': [],
  'scene.html': [],
  'scene/lod-meta.json': [],
  'topdown.webp': [],
  'topdown.json': [],
  'orthophoto.tif': ['position'],
  'pointcloud.laz': ['position'],
  'tiles/tileset.json': ['position'],
  'model.ply': [],
  'poster.jpg': [],
  'poster.webp': [],
  'poster.avif': [],
  'coverage.png': [],
  'scene.json': [],
  'cameras.json': ['fileNames'],
  'georeference.json': ['position'],
  'photos.json': ['fileNames', 'position'],
  'report.json': ['fileNames', 'position', 'cost'],
};
type Definitions = (typeof DEFINITIONS)[keyof typeof DEFINITIONS];
type PublishedFolder = { [D in Definitions as string]: keyof D['publishedFolders'] & string }[string];
/** A thumbnail is named after its photo; the report, which says what else is a photo, names them too. */
const FOLDER_REVEALS: Readonly<Record<PublishedFolder, readonly ShareDetail[]>> = {
  'thumbnails/': ['fileNames'],
  'held-out/': ['fileNames'],
  'scene/': [],
  'tiles/': ['position'],
};

/** Whether a link that shows these details may give a file away. */
export function mayShow(file: PublishedFile, shows: readonly ShareDetail[]): boolean {
  const folder = Object.entries(FOLDER_REVEALS).find(([name]) => file.startsWith(name));
  const revealed = isResultFile(file) ? REVEALS[file] : folder?.[1];
  return revealed?.every((detail) => shows.includes(detail)) ?? false;
}

/** Fields of scene.json that say nothing of where on Earth it is. A credit goes wherever the scene goes. */
const WITHOUT_PLACE = [
  'version',
  'axes',
  'metric',
  'scale',
  'enuFromScene',
  'bounds',
  'subject',
  'openingView',
  'flightHeight',
  'groundSamplingDistance',
  'coverage',
  'attribution',
] as const;

/** scene.json for people who may not know its place: `origin` is null, as of a scene that is not laid on the map. */
export const sceneWithoutPlace = (scene: object): object => ({
  ...Object.fromEntries(Object.entries(scene).filter(([name]) => (WITHOUT_PLACE as readonly string[]).includes(name))),
  origin: null,
});
