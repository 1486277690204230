/** Builds the web application of web/ into dist/web with Vite. Types are checked by `npm run lint`, not here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { places, toolEnvironment } from '../places.mjs';
import { runStep } from '../programs.mjs';
import { clearStamp, fingerprint, filesBelow, isStamped, writeStamp } from '../stamps.mjs';

const STAMP = 'web';
const VITE = join(places.nodeModules, 'vite', 'bin', 'vite.js');

/** What the application is made of: its own files, those of contracts/ that it may import, and its libraries. */
const currentState = () =>
  fingerprint({
    files: [
      places.packageLock,
      ...filesBelow(places.web, /\.\w+$/),
      ...filesBelow(join(places.root, 'contracts'), /\.(ts|json)$/),
    ],
  });

export const web = {
  title: 'building the web application into dist/web',

  isDone: () => existsSync(join(places.builtWeb, 'index.html')) && isStamped(STAMP, currentState()),

  async run() {
    const state = currentState();
    clearStamp(STAMP);
    await runStep('vite build', places.node, [VITE, 'build', places.web, '--logLevel', 'warn'], {
      cwd: places.root,
      env: { ...toolEnvironment(), NODE_ENV: 'production' },
    });
    writeStamp(STAMP, state);
  },
};
