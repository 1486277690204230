import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const MAX_BUNDLE_BYTES = 64 * 2 ** 20;
/** The rooms that can be in the bundle (scripts/room-borders.mjs); the packages beside them follow from package.json. */
const ROOMS = ['contracts', 'workflows'];

/** Bundles the workflow code, in this process. */
export const bundleWorkflows = (): Promise<WorkflowBundle> =>
  bundleWorkflowCode({ workflowsPath: require.resolve('../workflows') });

/** The bundle that the build has left in `folder`, if it is of exactly this code; else what `otherwise` makes. */
export async function readyBundle(folder = __dirname, otherwise = bundledAside): Promise<WorkflowBundle> {
  const code = await readFile(await fileOfBundle(folder), 'utf8').catch(() => null);
  return code === null ? otherwise() : { code };
}

/** Bundles the workflow code and leaves it in `folder`, where `readyBundle` finds it. */
export async function keepBundle(folder = __dirname): Promise<WorkflowBundle> {
  const bundle = await bundleWorkflows();
  const file = await fileOfBundle(folder);
  await writeFile(`${file}.${process.pid}.part`, bundle.code);
  await rename(`${file}.${process.pid}.part`, file);
  return bundle;
}

/** Named after all that the bundle is made from, so that one of other code is never taken for it. */
async function fileOfBundle(folder: string): Promise<string> {
  const root = path.join(__dirname, '..');
  const rooms = await Promise.all(
    ROOMS.map(async (room) =>
      (await readdir(path.join(root, room), { recursive: true })).map((name) => `${room}/${name}`),
    ),
  );
  const sources = rooms.flat().filter((name) => name.endsWith(path.extname(__filename)));
  const packageFile = findPackageJSON('..', __filename);
  const hash = createHash('sha256').update(packageFile === undefined ? '' : await readFile(packageFile));
  for (const name of sources.sort()) hash.update(name).update(await readFile(path.join(root, name)));
  return path.join(folder, `workflow-bundle-${hash.digest('hex').slice(0, 32)}.js`);
}

/**
 * By a short-lived process: the bundler takes 150 MB, 50 of which a long-running process never gets back (Node 24, RSS
 * of an idle worker 225 and 170 MB).
 */
async function bundledAside(): Promise<WorkflowBundle> {
  const program = path.join(__dirname, 'bundle', `main${path.extname(__filename)}`);
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program], {
    maxBuffer: MAX_BUNDLE_BYTES,
  });
  return { code: stdout };
}
