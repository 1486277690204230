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
/** Title, command, its arguments, and the folder that it runs in, else the checkout. */
const CHECKS = [
  ['generated files', places.node, [join(places.root, 'scripts', 'spaceport.mjs'), 'generate', '--check']],
  ['prettier', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['eslint', 'eslint', ['.']],
  ['tsc', 'tsc', ['--noEmit']],
  ['tsc, scripts', 'tsc', ['-p', 'scripts']],
  ['ruff check', 'ruff', ['check', ...RUFF]],
  ['ruff format', 'ruff', ['format', '--check', ...RUFF]],
  // One at a time: their test folders have modules of the same name.
  ...['common', ...places.programs].map((program) => mypy(program, program, places.containers)),
  mypy('synthetic photos', '.', SYNTHETIC_PHOTOS),
  mypy('scripted program', '.', SCRIPTED_PROGRAM),
];

/** Runs all checks, also after one that fails. Returns the exit status. */
export async function lint() {
  const failed = [];
  for (const [title, command, args, cwd = places.root] of CHECKS) {
    const startedMs = Date.now();
    const status = await runForeground(command, args, { cwd, env: toolEnvironment() });
    if (status !== 0) failed.push(title);
    say(`== ${title}: ${status === 0 ? 'clean' : 'PROBLEMS'} (${seconds(startedMs)})`);
  }
  if (failed.length > 0) say(`Problems: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
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
