/** Bundles the workflows in dist/, so that no worker has to do it at its start. Compiling anew removes the bundle. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../places.mjs';
import { runStep } from '../programs.mjs';

const FOLDER = join(places.dist, 'workers');

export const workflows = {
  title: 'bundling the workflows',
  isDone: () => existsSync(FOLDER) && readdirSync(FOLDER).some((name) => /^workflow-bundle-.*\.js$/.test(name)),
  run: async () => void (await runStep('bundling', places.node, [join(FOLDER, 'bundle', 'main.js'), '--keep'])),
};
