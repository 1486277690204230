import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../helpers/wait-for';

const ROOT = path.resolve(__dirname, '../..');

/** A bare checkout: the scripts and what they look at, and nothing installed. */
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), 'spaceport-bare-'));
  for (const name of ['scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(path.join(ROOT, name), path.join(checkout, name), { recursive: true });
  for (const file of [
    'sfm/requirements.txt',
    'gaussian-splatting/requirements.txt',
    'compression/requirements.txt',
    'requirements-dev.txt',
  ]) {
    mkdirSync(path.dirname(path.join(checkout, 'containers', file)), { recursive: true });
    writeFileSync(path.join(checkout, 'containers', file), '');
  }
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** A module script inside the bare checkout; scripts are ES modules, which Jest does not load into its own realm. */
const moduleScript = (script: string): string[] => ['--input-type=module', '-e', script];

async function run(script: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, moduleScript(script), { cwd: checkout, env });
  return stdout + stderr;
}

describe('a missing prerequisite is named with the way to get it', () => {
  const nothingOnPath = { PATH: path.join(tmpdir(), 'no-such-folder') };

  test.each([
    ['python', 'pythonEnvironment', 'Python 3.11 or newer is needed', 'apt-get install python3'],
    ['temporal', 'temporal', 'there is no Go to build one', 'brew install go'],
  ])('%s', async (file, step, problem, advice) => {
    const said = await run(
      `import { ${step} } from './scripts/bootstrap/steps/${file}.mjs';
       import { orExplain } from './scripts/bootstrap/set-up.mjs';
       console.log('status', await orExplain(() => ${step}.run()));`,
      nothingOnPath,
    );
    expect(said).toContain(problem);
    expect(said).toContain(advice);
    expect(said).toContain('status 1');
  });

  test('without a C++ compiler set-up continues with a warning', async () => {
    const said = await run(
      `import { kernels } from './scripts/bootstrap/steps/kernels.mjs'; console.log(await kernels.run(), kernels.isDone());`,
      nothingOnPath,
    );
    expect(said).toContain('no C++ compiler');
    expect(said).toContain('true');
  });
});

test('steps run as soon as those that they need are done, and one that fails stops only what needs it', async () => {
  const said = await run(`
    import { orExplain, runSteps } from './scripts/bootstrap/set-up.mjs';
    import { Problem } from './scripts/bootstrap/problem.mjs';
    const later = () => new Promise((resolve) => setTimeout(resolve, 50));
    const step = (title, run, done = false) => ({ title, isDone: () => done, run: async () => { console.log('start', title); await run(); console.log('end', title); } });
    const slow = step('slow', later), quick = step('quick', () => {}), there = step('there', () => {}, true);
    const afterSlow = step('after slow', () => {}), broken = step('broken', () => { throw new Problem('no compiler', 'get one'); }), afterBroken = step('after broken', () => {});
    console.log('did', await runSteps(new Map([[slow, []], [quick, []], [there, []], [afterSlow, [slow, there]]])));
    console.log('status', await orExplain(() => runSteps(new Map([[broken, []], [slow, []], [afterBroken, [broken]], [afterSlow, [slow]]]))));`);
  const told = said.split('\n').filter((line) => /^(start|end|did|status)/.test(line));
  expect(told).toEqual([
    ...['start slow', 'start quick', 'end quick', 'end slow', 'start after slow', 'end after slow', 'did 3'],
    ...['start broken', 'start slow', 'end slow', 'start after slow', 'end after slow', 'status 1'],
  ]);
  expect(said).toContain('no compiler');
});

describe('set-up does again only what has changed', () => {
  const npmIsDone = `import { npmPackages } from './scripts/bootstrap/steps/npm-packages.mjs'; console.log(npmPackages.isDone());`;
  const lock = (version: string): string =>
    JSON.stringify({
      packages: {
        '': {},
        'node_modules/a': { version },
        'node_modules/for-another-platform': { version: '1.0.0', optional: true },
      },
    });

  test('npm packages: an installation of other versions, or an interrupted one, is not taken for complete', async () => {
    writeFileSync(path.join(checkout, 'package-lock.json'), lock('1.2.0'));
    expect(await run(npmIsDone)).toContain('false');
    mkdirSync(path.join(checkout, 'node_modules'));
    writeFileSync(
      path.join(checkout, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/a': { version: '1.1.0' } } }),
    );
    expect(await run(npmIsDone)).toContain('false');
    writeFileSync(
      path.join(checkout, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/a': { version: '1.2.0' } } }),
    );
    expect(await run(npmIsDone)).toContain('true');
  });

  test('TypeScript: compiled once, and again after a change; a mistake is named by file and line', async () => {
    mkdirSync(path.join(checkout, 'node_modules'));
    symlinkSync(path.join(ROOT, 'node_modules', 'typescript'), path.join(checkout, 'node_modules', 'typescript'));
    mkdirSync(path.join(checkout, 'contracts'));
    const source = path.join(checkout, 'contracts', 'answer.ts');
    const compile = `import { typescript } from './scripts/bootstrap/steps/typescript.mjs';
      import { orExplain } from './scripts/bootstrap/set-up.mjs';
      console.log('before', typescript.isDone());
      await orExplain(async () => typescript.run());
      console.log('after', typescript.isDone());`;
    writeFileSync(source, 'export const answer: number = 42;\n');
    expect(await run(compile)).toBe('before false\nafter true\n');
    expect(await run(`import answer from './dist/contracts/answer.js'; console.log(answer.answer);`)).toBe('42\n');
    // A program may import JSON, which is new to the compiled ones when it has changed.
    writeFileSync(path.join(checkout, 'contracts', 'question.json'), '{"question":"6 x 9"}');
    writeFileSync(source, "import text from './question.json';\nexport const answer = text.question;\n");
    expect(await run(compile)).toBe('before false\nafter true\n');
    expect(await run(`import answer from './dist/contracts/answer.js'; console.log(answer.answer);`)).toBe('6 x 9\n');
    writeFileSync(path.join(checkout, 'contracts', 'question.json'), '{"question":"6 x 7"}');
    expect(await run(compile)).toBe('before false\nafter true\n');
    expect(await run(`import answer from './dist/contracts/answer.js'; console.log(answer.answer);`)).toBe('6 x 7\n');
    writeFileSync(source, 'export const answer: number = ;\n');
    const said = await run(compile);
    expect(said).toContain('before false');
    expect(said).toContain('contracts/answer.ts:1: Expression expected');
    expect(said).toContain('after false');
  });
});

test.each(['start', 'demo', 'spaceport', 'dev'])(
  'a signal to `npm run %s` reaches the program: no shell that keeps it stands between',
  (name) => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const folder = path.join(checkout, 'bin');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'node'), '#!/bin/sh\necho $$\n', { mode: 0o755 });
    const { pid, stdout } = spawnSync('/bin/sh', ['-c', scripts[name]!], { env: { PATH: folder }, encoding: 'utf8' });
    expect(Number(stdout)).toBe(pid);
  },
);

describe('two set-ups at once', () => {
  const hold = `import { withSetUpLock } from './scripts/bootstrap/set-up-lock.mjs';
    await withSetUpLock(async () => { console.log('working'); await new Promise((resolve) => process.stdin.once('data', resolve)); process.stdin.destroy(); });
    console.log('done');`;
  const started: ChildProcess[] = [];

  afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')));

  function start(): { child: ChildProcess; said: () => string } {
    const child = spawn(process.execPath, moduleScript(hold), { cwd: checkout });
    started.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { child, said: () => text };
  }

  test('the second says that it waits, and works when the first is done', async () => {
    const first = start();
    await waitFor('the first to work', () => first.said().includes('working'));
    const second = start();
    await waitFor('the second to wait', () => second.said().includes('waiting for it'));
    expect(second.said()).not.toContain('working');
    first.child.stdin!.write('end\n');
    await waitFor('the second to work', () => second.said().includes('working'));
    expect(first.said()).toContain('done');
  });

  test('the second takes over where the first was killed', async () => {
    const first = start();
    await waitFor('the first to work', () => first.said().includes('working'));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    expect(existsSync(path.join(checkout, '.spaceport', 'set-up.lock'))).toBe(true);
    const second = start();
    await waitFor('the second to work', () => second.said().includes('working'));
    second.child.stdin!.write('end\n');
    await waitFor('the lock to go', () => !existsSync(path.join(checkout, '.spaceport', 'set-up.lock')));
  });
});

describe('the sum of all tests', () => {
  const count = (expression: string): Promise<string> =>
    run(`import * as counts from './scripts/tasks/test-counts.mjs'; console.log(JSON.stringify(${expression}));`);
  const jest = JSON.stringify({
    numPassedTests: 7,
    numFailedTests: 1,
    numRuntimeErrorTestSuites: 1,
    numPendingTests: 2,
    numTodoTests: 0,
  });
  const junit =
    '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1"></testsuite></testsuites>';

  test('adds what Jest and pytest report, and a suite that could not be loaded as a failure', async () => {
    const sum = `counts.summaryLine(counts.addCounts([counts.jestCounts(${JSON.stringify(jest)}, 1), counts.pytestCounts(${JSON.stringify(junit)}, 1)]))`;
    expect(await count(sum)).toBe('"11 passed, 5 failed, 5 skipped"\n');
  });

  test('a run that ends without a report counts as a failure', async () => {
    expect(await count('[counts.jestCounts(null, 1), counts.pytestCounts(null, 4)].map(counts.summaryLine)')).toBe(
      '["0 passed, 1 failed","0 passed, 1 failed"]\n',
    );
  });
});
