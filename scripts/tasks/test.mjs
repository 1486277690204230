/** `npm test`: every suite, in TypeScript and Python, each with its own summary, then one line with the sum. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { places, toolEnvironment } from '../bootstrap/places.mjs';
import { Problem } from '../bootstrap/problem.mjs';
import { runForeground } from '../bootstrap/programs.mjs';
import { say, seconds } from '../bootstrap/say.mjs';
import { leftovers, ownFiles } from './leftovers.mjs';
import { addCounts, jestCounts, playwrightCounts, pytestCounts, summaryLine } from './test-counts.mjs';

const JEST = join(places.nodeModules, 'jest', 'bin', 'jest.js');
const PLAYWRIGHT = join(places.nodeModules, '@playwright', 'test', 'cli.js');
const END_TO_END = 'e2e';
/** Suites that run the container programs themselves: each of them keeps both processor cores busy. */
const REAL = join(END_TO_END, 'real');
const PYTHON = 'python';
/** More than the two processor cores that these tests are made for: many of them wait for Temporal most of the time. */
const JEST_WORKERS = 3;
/** The web application in a browser, by Playwright. */
const BROWSER = 'web-browser';
const SYNTHETIC_PHOTOS = join(places.root, 'local', 'synthetic-photos');

const typescriptSuites = () =>
  readdirSync(join(places.root, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['field', 'fixtures', 'helpers', BROWSER].includes(entry.name))
    .map(({ name }) => name);

/** Runs all suites, or those named: folders of test/, or "python". Returns the exit status. */
export async function test(names) {
  const known = [...typescriptSuites(), BROWSER, PYTHON];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Problem(`there is no suite ${unknown.join(', ')}.`, `Suites: ${known.join(', ')}.`);
  const chosen = names.length > 0 ? names : known;

  rmSync(places.testResults, { recursive: true, force: true });
  mkdirSync(places.testResults, { recursive: true });
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'spaceport-test-'));
  // Where the tests run as root, PostgreSQL runs as another user, with a folder of its own below this one.
  chmodSync(temporaryFolder, 0o711);
  const env = { ...toolEnvironment(), TMPDIR: temporaryFolder };
  const before = ownFiles();
  const results = [];
  const run = async (title, work) => {
    const startedMs = Date.now();
    say(`\n== ${title}`);
    const counts = await work();
    results.push(counts);
    say(`== ${title}: ${summaryLine(counts)} (${seconds(startedMs)})`);
  };

  const folders = chosen.filter((name) => name !== PYTHON && name !== BROWSER);
  if (folders.length > 0)
    await run(`TypeScript: ${folders.join(', ')}`, () =>
      jest('typescript', folders, [`--maxWorkers=${JEST_WORKERS}`, `--testPathIgnorePatterns=/test/${REAL}/`], env),
    );
  if (chosen.includes(BROWSER)) await run('In a browser', () => playwright(env));
  if (chosen.includes(PYTHON)) {
    await run('Python: containers', () => pytest('containers', places.containers, env));
    await run('Python: synthetic photos', () => pytest('synthetic-photos', SYNTHETIC_PHOTOS, env));
  }
  if (folders.includes(END_TO_END))
    await run('End to end, real containers', () => jest('real', [REAL], ['--runInBand'], env));

  for (const sentence of await leftovers(before, temporaryFolder)) {
    say(`FAILED: ${sentence}`);
    results.push({ passed: 0, failed: 1, skipped: 0 });
  }
  rmSync(temporaryFolder, { recursive: true, force: true });
  const total = addCounts(results);
  process.stdout.write(`${summaryLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
}

/**
 * `npm run test:field`: tests with other people's programs, and long ones of the whole product. All of them, or those
 * whose file is named as one of the arguments. Returns the exit status.
 */
export async function fieldTest(names) {
  const report = join(places.testResults, 'field.json');
  mkdirSync(places.testResults, { recursive: true });
  rmSync(report, { force: true });
  const config = join(places.root, 'jest.field.config.js');
  const args = [JEST, `--config=${config}`, '--runInBand', '--verbose', '--json', `--outputFile=${report}`, ...names];
  const status = await runForeground(places.node, args, { cwd: places.root, env: toolEnvironment() });
  const counts = jestCounts(read(report), status);
  process.stdout.write(`${summaryLine(counts)}\n`);
  return counts.failed > 0 ? 1 : 0;
}

async function jest(name, suites, options, env) {
  const report = join(places.testResults, `${name}.json`);
  const paths = suites.map((suite) => `^${join(places.root, 'test', suite)}/`);
  const args = [JEST, ...options, '--json', `--outputFile=${report}`, ...paths];
  const status = await runForeground(places.node, args, { cwd: places.root, env });
  return jestCounts(read(report), status);
}

async function playwright(env) {
  const report = join(places.testResults, `${BROWSER}.json`);
  const config = join(places.root, 'test', BROWSER, 'playwright.config.ts');
  const args = [PLAYWRIGHT, 'test', `--config=${config}`, '--pass-with-no-tests'];
  const status = await runForeground(places.node, args, {
    cwd: places.root,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  });
  return playwrightCounts(read(report), status);
}

async function pytest(name, folder, env) {
  const report = join(places.testResults, `${name}.xml`);
  // A file stays in one process, with what its tests share.
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', '-n', '2', '--dist', 'loadfile', `--junitxml=${report}`];
  const status = await runForeground(places.python, args, { cwd: folder, env });
  return pytestCounts(read(report), status);
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null);
