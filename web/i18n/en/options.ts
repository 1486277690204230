/** Options of a job as people read them, by the API's names; one that is newer is called by that name. */

const NAMES: Readonly<Record<string, string>> = {
  maxNumFeatures: 'Features a photo',
  geoidOffsetM: 'Height of the geoid (m)',
  imageSize: 'Size of training photos (pixels)',
  maxIterations: 'Most training iterations',
  iterationsPerPhoto: 'Iterations for each photo',
  maxGaussians: 'Most Gaussians',
  pixelsPerGaussian: 'Pixels for each Gaussian',
  shBands: 'Bands of colour by direction',
  targetRatio: 'Times smaller than the model (0: as it is)',
  spz: 'Make scene.spz',
  html: 'Make scene.html',
  phoneGaussians: 'Most Gaussians for phones (0: no file)',
  streamAbove: 'Stream scenes of more Gaussians than',
  topdown: 'Make topdown.webp',
  orthophoto: 'Make orthophoto.tif',
  pointCloud: 'Make pointcloud.laz',
  tiles: 'Make tiles for globes',
  epsg: 'EPSG code of the map (0: UTM)',
  groundResolutionMm: 'Pixel of the orthophoto (mm, 0: as the photos)',
};

/** Where the API's words are of its numbers: whoever chooses yes or no sees none. */
const HINTS: Readonly<Record<string, string>> = {
  iterationsPerPhoto: 'Of those that are learned from; 0: the most training iterations.',
  targetRatio: 'Colours by direction are given up for it, as long as nobody sees it (40 dB).',
  spz: 'The scene for programs that read no SOG.',
  html: 'The scene with a viewer in one file.',
  topdown: 'A picture from above, of a scene on the map.',
  orthophoto: 'A map made of the photos, of a scene on the map.',
  pointCloud: 'Points for surveying programs, of a scene on the map.',
  tiles: '3D Tiles in tiles/, of a scene on the map.',
};

/** `maxNumFeatures` as people read it: "Max num features". */
function fromName(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const options = {
  name: (name: string) => NAMES[name] ?? fromName(name),
  hint: (name: string, meaning: string) => HINTS[name] ?? meaning.replaceAll('`', ''),
  yes: 'yes',
  no: 'no',
} as const;
