import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const MAX_BUNDLE_BYTES = 64 * 2 ** 20;

/** Bundles the workflow code, in this process. */
export const bundleWorkflows = (): Promise<WorkflowBundle> =>
  bundleWorkflowCode({ workflowsPath: require.resolve('../workflows') });

/**
 * The same in a short-lived process: the bundler takes 150 MB, 50 of which a long-running process never gets back
 * (Node 24, RSS of an idle worker 225 and 170 MB).
 */
export async function bundleWorkflowsAside(): Promise<WorkflowBundle> {
  const program = path.join(__dirname, 'bundle', `main${path.extname(__filename)}`);
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program], {
    maxBuffer: MAX_BUNDLE_BYTES,
  });
  return { code: stdout };
}
