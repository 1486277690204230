import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { JobFolder } from './job-folder';

export interface SupervisorLauncher {
  /** Program and arguments before the job's folder. */
  command: readonly string[];
  /** Complete environment: PATH and the AWS_ variables of the S3 client. */
  environment: Record<string, string>;
}

/** The supervisor beside this file, run by this Node as this process is: with the same hooks, compiled where this is. */
export const SUPERVISOR_COMMAND: readonly string[] = [
  process.execPath,
  ...process.execArgv,
  path.join(__dirname, `supervisor${path.extname(__filename)}`),
];

/** Starts a job's supervisor in a session of its own, where neither our end nor a Ctrl-C in our terminal reaches it. */
export async function launchSupervisor({ command, environment }: SupervisorLauncher, folder: JobFolder): Promise<ChildProcess> {
  const log = await open(folder.supervisorLog, 'a');
  try {
    const [program, ...args] = command;
    const child = spawn(program!, [...args, folder.location], {
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
