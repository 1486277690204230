/** The CPU rasterizer of the training program, compiled for this machine. Without it training is many times slower. */
import { join } from 'node:path';
import { places, toolEnvironment } from '../places.mjs';
import { Problem } from '../problem.mjs';
import { output, runStep } from '../programs.mjs';
import { fingerprint, filesBelow, isStamped, writeStamp } from '../stamps.mjs';

const STAMP = 'rasterizer';
const COMMON = join(places.containers, 'common');
const BUILD = ['-m', 'spaceport_common.kernel.build', places.kernel];
const NO_COMPILER = 'no C++ compiler';

const currentState = (note = '') =>
  fingerprint({
    texts: [note],
    files: filesBelow(join(COMMON, 'spaceport_common', 'kernel'), /\.(cpp|h|py)$/),
  });

const compiler = () => ['c++', 'g++', 'clang++'].find((name) => output(name, ['--version']) !== null);

export const rasterizer = {
  title: 'compiling the CPU rasterizer into .spaceport/kernel',

  isDone: () =>
    isStamped(STAMP, currentState()) || (isStamped(STAMP, currentState(NO_COMPILER)) && compiler() === undefined),

  async run() {
    if (compiler() === undefined) {
      writeStamp(STAMP, currentState(NO_COMPILER));
      return 'there is no C++ compiler, so training uses a slow rasterizer. Debian: apt-get install g++. macOS: xcode-select --install.';
    }
    try {
      await runStep('C++ compiler', places.python, BUILD, { cwd: COMMON, env: toolEnvironment() });
    } catch (error) {
      if (error instanceof Problem) return `the CPU rasterizer was not built, so training is slow. ${error.message}`;
      throw error;
    }
    writeStamp(STAMP, currentState());
    return undefined;
  },
};
