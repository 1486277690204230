/** A Python environment, and in it the packages of the three container programs and of their tests. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../places.mjs';
import { Problem } from '../problem.mjs';
import { output, runStep } from '../programs.mjs';
import { clearStamp, fingerprint, isStamped, writeStamp } from '../stamps.mjs';

const STAMP = 'python';
const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11'];
const VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';
const DOING = /^\s*(Collecting|Downloading|Using cached|Installing|Building) \S+.*/;
const HOW_TO =
  'Debian and Ubuntu: apt-get install python3 python3-venv (Debian 12, Ubuntu 24.04 or newer). macOS: brew install python@3.12.';

const REQUIREMENT_FILES = [
  ...places.programs.map((program) => join(program, 'requirements.txt')),
  'requirements-dev.txt',
].map((file) => join(places.containers, file));

const currentState = () => fingerprint({ files: REQUIREMENT_FILES });

const hasPackages = () => existsSync(places.python) && isStamped(STAMP, currentState());

export const pythonEnvironment = {
  title: 'a Python environment in .spaceport/python',

  isDone: () => hasPackages() || output(places.python, ['-m', 'pip', '--version']) !== null,

  run: createEnvironment,
};

export const pythonPackages = {
  title: 'Python packages into .spaceport/python',

  isDone: hasPackages,

  /**
   * pip's own settings count here: PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS and so on. Python compiles a module
   * when it is first imported; compiling all of them here would take as long as unpacking them.
   */
  async run() {
    const state = currentState();
    clearStamp(STAMP);
    const files = REQUIREMENT_FILES.flatMap((file) => ['-r', file]);
    const options = ['--disable-pip-version-check', '--progress-bar', 'off', '--no-compile'];
    const install = ['-m', 'pip', 'install', ...options, ...files];
    await runStep('pip install', places.python, install, {
      describe: (line) => DOING.exec(line)?.[0].trim().slice(0, 80) ?? null,
      advice:
        'pip must reach its index. The default build of PyTorch for Linux is large (CUDA); PIP_EXTRA_INDEX_URL may name an index with CPU-only builds.',
    });
    writeStamp(STAMP, state);
  },
};

async function createEnvironment() {
  const versions = CANDIDATES.flatMap((name) => {
    const version = output(name, ['-c', VERSION]);
    return version === null ? [] : [{ name, version }];
  });
  const usable = versions.find(
    ({ version }) => Number(version.split('.')[0]) === 3 && Number(version.split('.')[1]) >= 11,
  );
  if (usable === undefined) {
    const found = versions.map(({ name, version }) => `${name} is ${version}`).join(', ') || 'none';
    throw new Problem(`Python 3.11 or newer is needed (found: ${found}).`, HOW_TO);
  }
  if (output(usable.name, ['-c', 'import ensurepip, venv']) === null) {
    throw new Problem(`${usable.name} cannot make virtual environments: its venv module is missing.`, HOW_TO);
  }
  await runStep('python -m venv', usable.name, ['-m', 'venv', '--clear', places.pythonEnvironment]);
}
