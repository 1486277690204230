import { existsSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Places in this checkout that the stack needs; set-up makes them (scripts/bootstrap/places.mjs). */
export interface Checkout {
  readonly root: string;
  /** Python of the environment in which the container programs run. */
  readonly python: string;
  /** A copy in the checkout, else `temporal` from PATH. */
  readonly temporal: string;
  readonly kernelFolder: string;
  /** PlayCanvas's program that reads and writes scenes, for Node. */
  readonly splatTransform: string;
  readonly containersFolder: string;
  readonly resultsFolder: string;
  readonly compileCacheFolder: string;
  /** The project's own drone photos, once they have been rendered. */
  readonly syntheticPhotosFolder: string;
  /** State of the stack that `npm start` and `npm run demo` run. */
  readonly stateFolder: string;
  /** The compiled entry point of a process, such as `server/main`. */
  entryPoint(name: string): string;
}

/**
 * The checkout that this file is in, whether it was compiled to dist/ or not. `ownFolder` holds state and results where
 * they must not meet those in `.spaceport/`.
 */
export function findCheckout(ownFolder?: string): Checkout {
  const packageFile = findPackageJSON(pathToFileURL(__filename));
  if (packageFile === undefined) throw new Error('this file is not in a checkout of Spaceport');
  const root = path.dirname(packageFile);
  const home = path.join(root, '.spaceport');
  const ownTemporal = path.join(home, 'bin', 'temporal');
  return {
    root,
    python: path.join(home, 'python', 'bin', 'python'),
    temporal: existsSync(ownTemporal) ? ownTemporal : 'temporal',
    kernelFolder: path.join(home, 'kernel'),
    splatTransform: path.join(root, 'node_modules/@playcanvas/splat-transform/bin/cli.mjs'),
    containersFolder: path.join(root, 'containers'),
    resultsFolder: path.join(ownFolder ?? home, 'results'),
    compileCacheFolder: path.join(home, 'compile-cache'),
    syntheticPhotosFolder: path.join(home, 'synthetic-photos'),
    stateFolder: path.join(ownFolder ?? home, 'state'),
    entryPoint: (name) => path.join(root, 'dist', `${name}.js`),
  };
}
