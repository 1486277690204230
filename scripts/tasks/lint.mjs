/** `npm run lint`: linter (with the borders between the rooms), formatter and type checks, of TypeScript and Python. */
import { join } from 'node:path';
import { places, toolEnvironment } from '../bootstrap/places.mjs';
import { runForeground } from '../bootstrap/programs.mjs';
import { say, seconds } from '../bootstrap/say.mjs';

const SYNTHETIC_PHOTOS = join(places.root, 'local', 'synthetic-photos');
const SCRIPTED_PROGRAM = join(places.root, 'bench', 'scripted');
const RUFF_SETTINGS = ['--config', join(places.containers, 'pyproject.toml')];

const CHECKS = [
  {
    title: 'generated files',
    command: places.node,
    args: [join(places.root, 'scripts', 'spaceport.mjs'), 'generate', '--check'],
    cwd: places.root,
  },
  { title: 'prettier', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'], cwd: places.root },
  { title: 'eslint', command: 'eslint', args: ['.'], cwd: places.root },
  { title: 'tsc', command: 'tsc', args: ['--noEmit'], cwd: places.root },
  { title: 'tsc, scripts', command: 'tsc', args: ['-p', 'scripts'], cwd: places.root },
  {
    title: 'ruff check',
    command: 'ruff',
    args: ['check', '--no-cache', ...RUFF_SETTINGS, places.containers, SYNTHETIC_PHOTOS, SCRIPTED_PROGRAM],
    cwd: places.root,
  },
  {
    title: 'ruff format',
    command: 'ruff',
    args: ['format', '--check', '--no-cache', ...RUFF_SETTINGS, places.containers, SYNTHETIC_PHOTOS, SCRIPTED_PROGRAM],
    cwd: places.root,
  },
  // One at a time: their test folders have modules of the same name.
  ...['common', 'sfm', 'gaussian-splatting', 'compression'].map((program) => ({
    title: `mypy, ${program}`,
    command: 'mypy',
    args: ['--strict', program],
    cwd: places.containers,
  })),
  { title: 'mypy, synthetic photos', command: 'mypy', args: ['--strict', '.'], cwd: SYNTHETIC_PHOTOS },
  { title: 'mypy, scripted program', command: 'mypy', args: ['--strict', '.'], cwd: SCRIPTED_PROGRAM },
];

/** Runs all checks, also after one that fails. Returns the exit status. */
export async function lint() {
  const failed = [];
  for (const { title, command, args, cwd } of CHECKS) {
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
  const ruff = ['format', '--no-cache', ...RUFF_SETTINGS, places.containers, SYNTHETIC_PHOTOS, SCRIPTED_PROGRAM];
  const prettier = await runForeground('prettier', ['--write', '--log-level', 'warn', '.'], {
    cwd: places.root,
    env: toolEnvironment(),
  });
  return prettier || runForeground('ruff', ruff, { cwd: places.root, env: toolEnvironment() });
}
