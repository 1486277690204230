import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const REPOSITORY = path.join(__dirname, '..', '..');

export interface RunningProcess {
  child: ChildProcess;
  /** The one line it prints when it is ready. */
  ready: Record<string, string>;
  /** Sends the signal and waits for the end; the exit status, or the signal that ended it. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts the main module of an endpoint of local/ from its sources, and waits until it is ready. */
export async function startProcess(
  endpoint: 's3' | 'mail',
  environment: Record<string, string>,
): Promise<RunningProcess> {
  const hook = path.join(REPOSITORY, 'test/helpers/register-typescript.js');
  const child = spawn(process.execPath, ['-r', hook, path.join(REPOSITORY, 'local', endpoint, 'main.ts')], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exit.then(() => {
      throw new Error(`The process ended before it was ready:\n${errors}`);
    }),
  ])) as [string];
  return {
    child,
    ready: JSON.parse(line) as Record<string, string>,
    async stop(signal) {
      child.kill(signal);
      const [status, endedBy] = await exit;
      return status ?? endedBy!;
    },
  };
}
