/** The npm packages of a package-lock.json, installed with the exact Node. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { places, toolEnvironment } from '../places.mjs';
import { runStep } from '../programs.mjs';

export const npmPackages = packagesOf(places.root, 'npm packages into node_modules');

/** Only for those who change or deploy the stacks of the AWS account. */
export const infraPackages = packagesOf(places.infra, 'npm packages into infra/node_modules');

/**
 * @param {string} folder
 * @param {string} title
 * @returns {import('../set-up.mjs').Step}
 */
function packagesOf(folder, title) {
  return {
    title,

    isDone: () =>
      isInstalled(
        readLock(join(folder, 'package-lock.json')),
        readLock(join(folder, 'node_modules', '.package-lock.json')),
      ),

    async run() {
      const ci = ['ci', '--no-audit', '--no-fund', '--loglevel', 'http'];
      let fetched = 0;
      await runStep('npm ci', 'npm', ci, {
        cwd: folder,
        env: toolEnvironment(),
        describe: (line) => (/http (fetch|cache)/.test(line) ? `${(fetched += 1)} packages` : null),
      });
    },
  };
}

const readLock = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : null);

/** npm writes its own lock file into node_modules at the end, so agreement means a complete installation. */
function isInstalled(wanted, installed) {
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    const found = installed[path];
    return path === '' || (found === undefined ? optional || devOptional : found.version === version);
  });
}
