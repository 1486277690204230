import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerCommand } from '../jobs/job-record';
import { identifyProcess, killProcessGroup, pidOf, sendSignal, type ProcessIdentity } from '../../process-identity';

/** After the program's end, output still in its pipes is read for so long, in case a stray process keeps them open. */
const DRAIN_MS = 1_000;

/** Waits for a line on descriptor 3 before it becomes the program; without one it ends, and the program never ran. */
const GATE = 'read -r go <&3 || exit 125; exec 3<&-; exec "$@"';

/**
 * The program of a job in a session and process group of its own. It waits behind a gate until `release`, so that its
 * identity is on disk before it runs.
 */
export class ContainerProcess {
  /** The exit code (128 + number for a signal), once every process of the group is gone. */
  readonly exited: Promise<number>;

  private constructor(
    readonly identity: ProcessIdentity,
    readonly stdout: Readable,
    readonly stderr: Readable,
    private readonly gate: Writable,
    private readonly command: ContainerCommand,
    ended: Promise<number>,
  ) {
    this.exited = ended.then(async (exitCode) => {
      await removeContainer(command, identity);
      return exitCode;
    });
  }

  /** Rejects when the working directory or the shell cannot be used. */
  static async start(command: ContainerCommand): Promise<ContainerProcess> {
    const child = spawn('/bin/sh', ['-c', GATE, 'sh', ...command.argv], {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    const ended = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
    const [stdout, stderr, gate] = child.stdio.slice(1) as [Readable, Readable, Writable];
    gate.on('error', () => undefined); // a program killed behind the gate; `ended` tells
    const identity = await identifyProcess(pidOf(child));
    if (!identity) throw new Error(`the container's process ${child.pid} ended before its gate opened`);
    return new ContainerProcess(identity, stdout, stderr, gate, command, ended);
  }

  /** Lets the program begin. */
  release(): void {
    this.gate.end('\n');
  }

  /** SIGTERM to every process of the group. */
  terminate(): void {
    sendSignal(-this.identity.pid, 'SIGTERM');
  }

  /** Suspends every process of the group (of docker's client, where that runs the container). */
  pause(): void {
    sendSignal(-this.identity.pid, 'SIGSTOP');
  }

  resume(): void {
    sendSignal(-this.identity.pid, 'SIGCONT');
  }

  /** SIGKILL to every process of the group; resolves when they are gone. */
  kill(): Promise<void> {
    return removeContainer(this.command, this.identity);
  }

  /** Resolves when the copies of stdout and stderr have ended, cutting them off shortly after the program's own end. */
  async drained(copies: Promise<unknown>): Promise<void> {
    const timeout = new AbortController();
    const cutOff = this.exited
      .then(() => sleep(DRAIN_MS, undefined, { signal: timeout.signal }))
      .then(() => {
        this.stdout.destroy();
        this.stderr.destroy();
      });
    await Promise.race([copies, cutOff]);
    timeout.abort();
    await cutOff.catch(() => undefined);
  }
}

/** Kills what is left of a container, from its supervisor or, when that is dead, from the endpoint. */
export async function removeContainer(command: ContainerCommand, leader: ProcessIdentity): Promise<void> {
  await killProcessGroup(leader);
  if (!command.remove) return;
  const [program, ...args] = command.remove;
  // A failure means that the container no longer exists, as wanted.
  await new Promise<void>((resolve) =>
    execFile(program, args, { env: command.env, timeout: 30_000 }, () => resolve()),
  );
}
