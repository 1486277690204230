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

const mypy = (title, folder, cwd) => [`mypy, ${title}`, 'mypy', ['--strict', folder], cwd];
/**
 * TypeScript 7's compiler, in a third of the time of the 5.9 whose programming interface ESLint and set-up need. Both
 * packages call their program `tsc`, so this one is named by its place.
 */
const tsc = (title, ...args) => [title, places.node, [join(places.nodeModules, 'typescript-7', 'bin', 'tsc'), ...args]];
/** Title, command, its arguments, and the folder that it runs in, else the checkout. */
const ESLINT = ['eslint', 'eslint', ['.']];
const OTHERS = [
  ['generated files', places.node, [join(places.root, 'scripts', 'spaceport.mjs'), 'generate', '--check']],
  ['prettier', 'prettier', ['--check', '--log-level', 'warn', '.']],
  tsc('tsc', '--noEmit'),
  tsc('tsc, web', '-p', 'web'),
  tsc('tsc, tests of web', '-p', join('test', 'web')),
  tsc('tsc, scripts', '-p', 'scripts'),
  ['ruff check', 'ruff', ['check', ...RUFF]],
  ['ruff format', 'ruff', ['format', '--check', ...RUFF]],
  // One at a time: their test folders have modules of the same name.
  ...['common', ...places.programs].map((program) => mypy(program, program, places.containers)),
  mypy('synthetic photos', '.', SYNTHETIC_PHOTOS),
  mypy('scripted program', '.', SCRIPTED_PROGRAM),
];

/**
 * Runs all checks, also after one that fails; ESLint, which takes as long as the others together, beside them. Returns
 * the exit status.
 */
export async function lint() {
  const failed = (await Promise.all([problemsIn([ESLINT]), problemsIn(OTHERS)])).flat();
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
