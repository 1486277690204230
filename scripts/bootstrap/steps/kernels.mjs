/**
 * What is compiled for this machine: the CPU rasterizer of training, and features and matching of SfM. Without them
 * training is many times slower, and SfM several times.
 */
import { delimiter, join } from 'node:path';
import { places, toolEnvironment } from '../places.mjs';
import { Problem } from '../problem.mjs';
import { output, runStep } from '../programs.mjs';
import { fingerprint, filesBelow, isStamped, writeStamp } from '../stamps.mjs';

const STAMP = 'kernels';
const COMMON = join(places.containers, 'common');
const SFM = join(places.containers, 'sfm');
const BUILDS = ['spaceport_common.kernel.build', 'spaceport_sfm.kernel.build'];
const NO_COMPILER = 'no C++ compiler';

const currentState = (note = '') =>
  fingerprint({
    texts: [note],
    files: [join(COMMON, 'spaceport_common', 'kernel'), join(SFM, 'spaceport_sfm', 'kernel')].flatMap((folder) =>
      filesBelow(folder, /\.(cpp|h|py)$/),
    ),
  });

const compiler = () => ['c++', 'g++', 'clang++'].find((name) => output(name, ['--version']) !== null);

export const kernels = {
  title: 'compiling rasterizer and features into .spaceport/kernel',

  isDone: () =>
    isStamped(STAMP, currentState()) || (isStamped(STAMP, currentState(NO_COMPILER)) && compiler() === undefined),

  async run() {
    if (compiler() === undefined) {
      writeStamp(STAMP, currentState(NO_COMPILER));
      return 'there is no C++ compiler, so training and camera reconstruction are slow. Debian: apt-get install g++. macOS: xcode-select --install.';
    }
    try {
      const env = { ...toolEnvironment(), PYTHONPATH: [COMMON, SFM].join(delimiter) };
      for (const build of BUILDS) {
        await runStep('C++ compiler', places.python, ['-m', build, places.kernel], { cwd: COMMON, env });
      }
    } catch (error) {
      if (error instanceof Problem)
        return `not everything could be compiled, so training or camera reconstruction is slow. ${error.message}`;
      throw error;
    }
    writeStamp(STAMP, currentState());
    return undefined;
  },
};
