/** `npm run spaceport -- infra PROGRAM`: runs a program of infra/bin, such as the synthesis of the AWS account. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { places, toolEnvironment } from '../bootstrap/places.mjs';
import { Problem } from '../bootstrap/problem.mjs';
import { runForeground } from '../bootstrap/programs.mjs';

const FOLDER = join(places.infra, 'bin');
const COMPILER = join(places.root, 'test', 'helpers', 'register-typescript.js');

/** Returns the exit status. */
export function infra([name = '', ...args]) {
  const program = join(FOLDER, `${name}.ts`);
  if (name === '' || !existsSync(program)) {
    const known = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));
    throw new Problem(`there is no program ${name} in infra/bin.`, `Programs: ${known.join(', ')}.`);
  }
  return runForeground(places.node, ['-r', COMPILER, program, ...args], { cwd: places.infra, env: toolEnvironment() });
}
