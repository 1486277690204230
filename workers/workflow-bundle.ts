import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from '../platform/payloads/data-converter';

const MAX_BUNDLE_BYTES = 64 * 2 ** 20;
/** The rooms that can be in the bundle (scripts/room-borders.mjs); the packages beside them follow from package.json. */
const ROOMS = ['contracts', 'workflows'];

/** Of `encoded` failures have their message in a payload, which a codec encrypts; of `plain` ones beside it. */
export type BundleKind = 'plain' | 'encoded';

/** Bundles the workflow code, in this process. */
export const bundleWorkflows = (kind: BundleKind): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    ...(kind === 'encoded' && { failureConverterPath: FAILURE_CONVERTER_PATH }),
    workflowInterceptorModules: [require.resolve('../workflows/trace-interceptors')],
  });

/** The bundle that the build has left in `folder`, if it is of exactly this code; else what `otherwise` makes. */
export async function readyBundle(
  kind: BundleKind,
  folder = __dirname,
  otherwise = bundledAside,
): Promise<WorkflowBundle> {
  const code = await readFile(await fileOfBundle(kind, folder), 'utf8').catch(() => null);
  return code === null ? otherwise(kind) : { code };
}

/** Bundles the workflow code and leaves it in `folder`, where `readyBundle` finds it. */
export async function keepBundle(kind: BundleKind, folder = __dirname): Promise<WorkflowBundle> {
  const bundle = await bundleWorkflows(kind);
  const file = await fileOfBundle(kind, folder);
  await writeFile(`${file}.${process.pid}.part`, bundle.code);
  await rename(`${file}.${process.pid}.part`, file);
  return bundle;
}

/** Named after all that the bundle is made from, so that one of other code is never taken for it. */
async function fileOfBundle(kind: BundleKind, folder: string): Promise<string> {
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
  if (kind === 'encoded') hash.update(await readFile(FAILURE_CONVERTER_PATH));
  return path.join(folder, `workflow-bundle-${kind}-${hash.digest('hex').slice(0, 32)}.js`);
}

/**
 * By a short-lived process: the bundler takes 150 MB, 50 of which a long-running process never gets back (Node 24, RSS
 * of an idle worker 225 and 170 MB).
 */
async function bundledAside(kind: BundleKind): Promise<WorkflowBundle> {
  const program = path.join(__dirname, 'bundle', `main${path.extname(__filename)}`);
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program, kind], {
    maxBuffer: MAX_BUNDLE_BYTES,
  });
  return { code: stdout };
}
