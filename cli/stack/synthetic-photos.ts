import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Checkout } from '../../local/stack/checkout';

/** Renders the project's own drone photos, unless they are there from before, and returns their folder. */
export async function renderSyntheticPhotos(checkout: Checkout, signal: AbortSignal): Promise<string> {
  const home = checkout.syntheticPhotosFolder;
  const photos = path.join(home, 'photos');
  await mkdir(home, { recursive: true });
  const script = path.join(checkout.root, 'local', 'synthetic-photos', 'render.py');
  // Its stdout is not ours: that belongs to the JSON line.
  const child = spawn(checkout.python, [script, photos, '--truth', path.join(home, 'truth.json')], {
    stdio: ['ignore', 2, 2],
    signal,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`rendering the synthetic photos ended with status ${code}`);
  return photos;
}
