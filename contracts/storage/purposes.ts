import { isResultFile, type ResultFile } from './layout';

/** What each file of a result is for, in words for people. A new file needs its line before anything compiles. */
const PURPOSES: Readonly<Record<ResultFile, string>> = {
  'scene.sog': 'The scene for web viewers, small: what is shown here',
  'scene.spz': 'The scene for programs that read no SOG: Cesium, Spark, Niantic and others',
  'scene.html': 'The scene and its viewer in one file: to send, and to open without a network',
  'scene-phone.sog': 'The scene with fewer Gaussians, for viewers on phones that load it whole',
  'scene/lod-meta.json': 'The scene in pieces that viewers load as they need them; this is their index',
  'topdown.webp': 'A picture of the scene straight from above',
  'topdown.json': 'Where the corners of that picture lie',
  'orthophoto.tif': 'An aerial map for QGIS, ArcGIS, CAD: every pixel has its place (GeoTIFF)',
  'pointcloud.laz': 'Points with colours on the map, for CloudCompare, QGIS, CAD (LAZ)',
  'tiles/tileset.json': 'The scene on the globe, for CesiumJS: give it this address (3D Tiles); this is their index',
  'model.ply': 'The scene as it was trained, for editing and converting: large, read by every program',
  'cameras.json': 'Where each photo was taken from, in the scene',
  'poster.jpg': 'A picture of the scene',
  'poster.webp': 'The same picture, smaller, for web pages',
  'poster.avif': 'The same picture, smaller yet, for web pages',
  'georeference.json': 'Where on Earth the scene lies',
  'photos.json': 'Every photo: its place, or why it has none',
  'scene.json': 'Scale, place, extent and opening view of the scene',
  'coverage.png': 'How many photos show each part of the ground, from above',
  'report.json': 'What each step found, and how long it took',
};

/** Null for names that no result has any more. */
export const purposeOf = (name: string): string | null => (isResultFile(name) ? PURPOSES[name] : null);
