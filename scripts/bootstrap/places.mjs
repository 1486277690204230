/** Where things lie in a checkout. Everything that set-up makes is below `.spaceport/`, `node_modules/` and `dist/`. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const HOME = join(ROOT, '.spaceport');
const CONTAINERS = join(ROOT, 'containers');
const PLATFORM = `${process.platform}-${process.arch}`;

export const places = {
  root: ROOT,
  home: HOME,
  stamps: join(HOME, 'stamps'),
  setUpLock: join(HOME, 'set-up.lock'),
  packageLock: join(ROOT, 'package-lock.json'),
  nodeModules: join(ROOT, 'node_modules'),
  nodePrefix: join(HOME, 'node'),
  /** npm's name for the Node binary of this platform. */
  nodePackage: `node-${PLATFORM}`,
  node: join(HOME, 'node', 'node_modules', `node-${PLATFORM}`, 'bin', 'node'),
  python: join(HOME, 'python', 'bin', 'python'),
  pythonEnvironment: join(HOME, 'python'),
  containers: CONTAINERS,
  /** Folders of the container programs below `containers/`. */
  programs: readdirSync(CONTAINERS).filter((name) => existsSync(join(CONTAINERS, name, 'Dockerfile'))),
  /** The AWS account as CDK stacks: a package of its own. */
  infra: join(ROOT, 'infra'),
  temporal: join(HOME, 'bin', 'temporal'),
  kernel: join(HOME, 'kernel'),
  dist: join(ROOT, 'dist'),
  /** The sources of the web application, and what is built of them. */
  web: join(ROOT, 'web'),
  builtWeb: join(ROOT, 'dist', 'web'),
  testResults: join(HOME, 'test-results'),
};

/**
 * The environment for everything that runs after set-up: the exact Node, local tools and the Python environment first.
 */
export function toolEnvironment() {
  const path = [dirname(places.node), join(places.nodeModules, '.bin'), dirname(places.python), process.env.PATH ?? ''];
  return { ...process.env, PATH: path.join(delimiter), SPACEPORT_KERNEL_DIR: places.kernel };
}
