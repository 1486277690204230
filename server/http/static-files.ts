import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

/** Folder of the nearest package at a path, or of an installed package. */
function packageFolder(name: string): string {
  const found = findPackageJSON(name, __filename);
  if (found === undefined) throw new Error(`the package ${name} is not installed: run the set-up again`);
  return dirname(found);
}

/** Style sheet and script of our own pages; they are not compiled, so they stay where the sources are. */
export const ASSETS_FOLDER = join(packageFolder('..'), 'server', 'assets');

/** The web application as set-up has built it from web/: its document, and its files in `app/`. */
export const WEB_FOLDER = join(packageFolder('..'), 'dist', 'web');
