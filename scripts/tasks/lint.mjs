/** `npm run lint`: linter (with the borders between the rooms), formatter and type checks, of TypeScript and Python. */
import { join } from 'node:path';
import { places, toolEnvironment } from '../bootstrap/places.mjs';
import { runForeground } from '../bootstrap/programs.mjs';
import { say, seconds } from '../bootstrap/say.mjs';

const SYNTHETIC_PHOTOS = join(places.root, 'local', 'synthetic-photos');
const SCRIPTED_PROGRAM = join(places.root, 'bench', 'scripted');
const RUFF = [
  ...['--no-cache', '--config', join(places.containers, 'pyproject.toml')],
  ...[places.containers, SYNTHETIC_PHOTOS, SCRIPTED_PROGRAM],
];

/**
 * `cwd`: the folder that the command runs in, else the checkout.
 * @typedef {[title: string, command: string, args: string[], cwd?: string]} Check
 */

/** @returns {Check} */
const mypy = (title, folder, cwd) => [`mypy, ${title}`, 'mypy', ['--strict', folder], cwd];
/**
 * TypeScript 7's compiler, in a third of the time of the 5.9 whose programming interface set-up needs. Both packages call
 * their program `tsc`, so this one is named by its place.
 * @returns {Check}
 */
const tsc = (title, ...args) => [title, places.node, [join(places.nodeModules, 'typescript-7', 'bin', 'tsc'), ...args]];
/**
 * Two rows that take about as long as each other. One after the other within a row: mypy's later programs use what it
 * learned of the libraries in the earlier ones, and have test folders with modules of the same name.
 * @type {Check[][]}
 */
const ROWS = [
  [
    ['oxlint', 'oxlint', ['--type-aware', '--quiet']],
    ['generated files', places.node, [join(places.root, 'scripts', 'spaceport.mjs'), 'generate', '--check']],
    ['prettier', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ],
  [
    tsc('tsc', '--noEmit'),
    tsc('tsc, web', '-p', 'web'),
    tsc('tsc, tests of web', '-p', join('test', 'web')),
    tsc('tsc, scripts', '-p', 'scripts'),
    tsc('tsc, infra', '-p', 'infra'),
    ['ruff check', 'ruff', ['check', ...RUFF]],
    ['ruff format', 'ruff', ['format', '--check', ...RUFF]],
    ...['common', ...places.programs].map((program) => mypy(program, program, places.containers)),
    mypy('synthetic photos', '.', SYNTHETIC_PHOTOS),
    mypy('scripted program', '.', SCRIPTED_PROGRAM),
  ],
];

/** Runs all checks, also after one that fails. Returns the exit status. */
export async function lint() {
  const failed = (await Promise.all(ROWS.map(problemsIn))).flat();
  if (failed.length > 0) say(`Problems: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

/** Runs checks one after the other; returns the titles of those that fail. */
async function problemsIn(checks) {
  const failed = [];
  for (const [title, command, args, cwd = places.root] of checks) {
    const startedMs = Date.now();
    const status = await runForeground(command, args, { cwd, env: toolEnvironment() });
    if (status !== 0) failed.push(title);
    say(`== ${title}: ${status === 0 ? 'clean' : 'PROBLEMS'} (${seconds(startedMs)})`);
  }
  return failed;
}

/**
 * `npm run format`: lays out TypeScript, JavaScript, JSON and Python as `npm run lint` wants it. Returns the exit
 * status.
 */
export async function format() {
  const options = { cwd: places.root, env: toolEnvironment() };
  const prettier = await runForeground('prettier', ['--write', '--log-level', 'warn', '.'], options);
  return prettier || runForeground('ruff', ['format', ...RUFF], options);
}
