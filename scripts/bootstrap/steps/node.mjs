/** The exact Node, from npm's own packages of Node binaries, so that everybody runs and tests the same one. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../places.mjs';
import { output, runStep } from '../programs.mjs';

const NODE_VERSION = '24.21.0';

export const node = {
  title: `Node ${NODE_VERSION} into .spaceport/node`,

  isDone: () => output(places.node, ['--version']) === `v${NODE_VERSION}`,

  async run() {
    mkdirSync(places.nodePrefix, { recursive: true });
    writeFileSync(join(places.nodePrefix, 'package.json'), '{ "private": true }\n');
    rmSync(join(places.nodePrefix, 'package-lock.json'), { force: true });
    const install = ['install', '--prefix', places.nodePrefix, '--no-audit', '--no-fund', '--no-save'];
    await runStep('Installing Node', 'npm', [...install, `${places.nodePackage}@${NODE_VERSION}`], {
      cwd: places.nodePrefix,
      advice: 'npm must reach its registry, and your platform must be one that Node has binaries for.',
    });
  },
};
