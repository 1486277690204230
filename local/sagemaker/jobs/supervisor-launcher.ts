import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { JobFolder } from './job-folder';

export interface SupervisorLauncher {
  /** Program and arguments before the job's folder. */
  command: readonly [program: string, ...args: string[]];
  /** Complete environment: PATH and the AWS_ variables of the S3 client. */
  environment: Record<string, string>;
}

/**
 * V8 with little room for young objects, and one thread of its own: hundreds of supervisors do nothing at once for
 * hours, and each is 6 MB smaller so (33 and 27 MB of its own, Node 24). Their start and their transfers take no
 * longer.
 */
const SMALL_PROCESS = ['--max-semi-space-size=1', '--v8-pool-size=1'];

/**
 * The supervisor beside this file, run by this Node as this process is: with the same hooks, compiled where this is.
 */
export const SUPERVISOR_COMMAND: SupervisorLauncher['command'] = [
  process.execPath,
  ...process.execArgv,
  ...SMALL_PROCESS,
  path.join(__dirname, `supervisor${path.extname(__filename)}`),
];

/** Starts a job's supervisor in a session of its own, where neither our end nor a Ctrl-C in our terminal reaches it. */
export async function launchSupervisor(
  { command, environment }: SupervisorLauncher,
  folder: JobFolder,
): Promise<ChildProcess> {
  const log = await open(folder.supervisorLog, 'a');
  try {
    const [program, ...args] = command;
    const child = spawn(program, [...args, folder.location], {
      cwd: folder.location,
      env: environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}
