import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { byStage, STAGES } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import type { Checkout } from './checkout';

/** Names that the stack gives to the images of the container programs. */
export const IMAGES = byStage((stage) => `spaceport/${STAGE[stage].program}`);

/**
 * Writes the file by which local/sagemaker runs the container programs of this checkout as processes. Returns its path.
 */
export async function writeImagesFile(checkout: Checkout, stateFolder: string): Promise<string> {
  const manifest = Object.fromEntries(
    STAGES.map((stage) => {
      const { program } = STAGE[stage];
      const cwd = path.join(checkout.containersFolder, program);
      const env = {
        PYTHONPATH: [cwd, path.join(checkout.containersFolder, 'common')].join(path.delimiter),
        PYTHONUNBUFFERED: '1',
        SPACEPORT_KERNEL_DIR: checkout.kernelFolder,
        SPACEPORT_NODE: process.execPath,
        SPACEPORT_SPLAT_TRANSFORM: checkout.splatTransform,
      };
      const module = `spaceport_${program.replaceAll('-', '_')}`;
      return [IMAGES[stage], { argv: [checkout.python, '-m', module], cwd, env }];
    }),
  );
  const file = path.join(stateFolder, 'images.json');
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return file;
}
