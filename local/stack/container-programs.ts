import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Checkout } from './checkout';

/** Names that the stack gives to the images of the three container programs. */
export const IMAGES = {
  sfm: 'spaceport/sfm',
  training: 'spaceport/gaussian-splatting',
  compression: 'spaceport/compression',
} as const;

const PROGRAMS = [
  { image: IMAGES.sfm, folder: 'sfm', module: 'spaceport_sfm' },
  { image: IMAGES.training, folder: 'gaussian-splatting', module: 'spaceport_gaussian_splatting' },
  { image: IMAGES.compression, folder: 'compression', module: 'spaceport_compression' },
];

/** Writes the file by which local/sagemaker runs the container programs of this checkout as processes. Returns its path. */
export async function writeImagesFile(checkout: Checkout, stateFolder: string): Promise<string> {
  const manifest = Object.fromEntries(
    PROGRAMS.map(({ image, folder, module }) => {
      const cwd = path.join(checkout.containersFolder, folder);
      const env = {
        PYTHONPATH: [cwd, path.join(checkout.containersFolder, 'common')].join(path.delimiter),
        PYTHONUNBUFFERED: '1',
        SPACEPORT_KERNEL_DIR: checkout.kernelFolder,
      };
      return [image, { argv: [checkout.python, '-m', module], cwd, env }];
    }),
  );
  const file = path.join(stateFolder, 'images.json');
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return file;
}
