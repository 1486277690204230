import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { findCheckout } from '../../local/stack/checkout';

/** What a browser's picture of a scene must reach against our own drawing, dB; a black one has about 10. */
export const MIN_VIEWER_PSNR_DB = 25;

/** Where the picture was taken from, and what stands behind the scene in it, 0 to 1 a channel. */
interface Taken {
  readonly position: readonly number[];
  readonly target: readonly number[];
  readonly background: readonly number[];
}

/**
 * Draws a scene as the compression program does, from where a picture of the page's was taken, and compares the two.
 * `covered`: share of the drawing that the scene covers.
 */
export async function compareWithDrawing(
  ply: string,
  taken: Taken,
  picture: string,
): Promise<{ psnr: number; covered: number }> {
  const { python, containersFolder, kernelFolder } = findCheckout();
  const programs = ['common', 'compression'].map((name) => path.join(containersFolder, name));
  const env = { ...process.env, PYTHONPATH: programs.join(path.delimiter), SPACEPORT_KERNEL_DIR: kernelFolder };
  const script = path.join(__dirname, 'compare_with_drawing.py');
  const { stdout } = await promisify(execFile)(python, [script, ply, JSON.stringify(taken), picture], { env });
  return JSON.parse(stdout) as { psnr: number; covered: number };
}
