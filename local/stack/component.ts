import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, pidOf, killProcessGroup, sendSignal, type ProcessIdentity } from '../process-identity';

/** How one process of the stack is run. */
export interface ComponentSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /**
   * Resolves true once it serves; called again and again until then. Without it, the process prints one line of JSON.
   */
  readonly isReady?: () => Promise<boolean>;
  readonly readyWithinMs: number;
  /** After SIGTERM; then its whole process group is killed. */
  readonly stopWithinMs: number;
}

export interface ComponentExit {
  readonly name: string;
  /** In words: "ended with status 1" or "was ended by SIGKILL". */
  readonly how: string;
  /** Whether the stack asked for it. */
  readonly expected: boolean;
  readonly logFile: string;
}

/** A process of the stack did not start, or ended by itself; `message` is for a person. */
export class ComponentError extends Error {}

const LOOK_EVERY_MS = 25;
const TAIL_LINES = 12;

/**
 * A running process of the stack. It is in a process group of its own, so that Ctrl-C in a terminal reaches only the
 * launcher, which then ends all components in their order. It writes to a file, so that it does not depend on the
 * launcher.
 */
export class Component {
  readonly exited: Promise<ComponentExit>;
  private stopping = false;
  private hasExited = false;

  private constructor(
    readonly spec: ComponentSpec,
    readonly identity: ProcessIdentity,
    readonly logFile: string,
    private readonly logStart: number,
    ended: Promise<string>,
  ) {
    this.exited = ended.then((how) => {
      this.hasExited = true;
      return { name: spec.name, how, expected: this.stopping, logFile };
    });
  }

  /** Starts the process; `waitUntilReady` tells when it serves. */
  static async spawn(spec: ComponentSpec, logFolder: string): Promise<Component> {
    await mkdir(logFolder, { recursive: true });
    const logFile = path.join(logFolder, `${spec.name}.log`);
    const log = await open(logFile, 'a');
    try {
      const logStart = (await log.stat()).size;
      const child = spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        env: spec.env,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      const ended = endOf(child); // before anything is waited for: it may be over at once
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      // A process that has ended already is a zombie without a start time; its exit is reported all the same.
      const identity = (await identifyProcess(pidOf(child))) ?? { pid: pidOf(child), startTime: 'ended' };
      return new Component(spec, identity, logFile, logStart, ended);
    } finally {
      await log.close();
    }
  }

  /** Rejects with the end of its log when the process ends first or takes too long. */
  async waitUntilReady(signal: AbortSignal): Promise<void> {
    const { name, isReady, readyWithinMs } = this.spec;
    const deadlineMs = Date.now() + readyWithinMs;
    let exit: ComponentExit | undefined;
    void this.exited.then((value) => (exit = value));
    while (!(await (isReady ?? this.hasPrintedReadyLine)())) {
      signal.throwIfAborted();
      if (exit !== undefined)
        throw new ComponentError(`${name} ${exit.how} before it was ready.\n${await this.logTail()}`);
      if (Date.now() > deadlineMs)
        throw new ComponentError(`${name} was not ready within ${readyWithinMs / 1000} s.\n${await this.logTail()}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** SIGTERM, then SIGKILL to its group after `stopWithinMs`. Resolves when the process is gone; safe to repeat. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.hasExited) return killProcessGroup(this.identity);
    sendSignal(this.identity.pid, 'SIGTERM');
    const timeout = new AbortController();
    const deadline = sleep(this.spec.stopWithinMs, 'late' as const, { signal: timeout.signal }).catch(
      () => 'ended' as const,
    );
    if ((await Promise.race([this.exited, deadline])) === 'late') await killProcessGroup(this.identity);
    timeout.abort();
    await this.exited;
  }

  /** SIGKILL to its process group, as a crash would. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.stopping = true;
    sendSignal(-this.identity.pid, 'SIGKILL');
    await this.exited;
  }

  /** The last lines of what this process wrote, and where to read more. */
  async logTail(): Promise<string> {
    const text = (await readFile(this.logFile)).subarray(this.logStart).toString('utf8');
    const lines = text.trimEnd().split('\n').slice(-TAIL_LINES);
    return [...lines.map((line) => `    ${line}`), `(${this.logFile})`].join('\n');
  }

  private readonly hasPrintedReadyLine = async (): Promise<boolean> => {
    if ((await stat(this.logFile)).size === this.logStart) return false;
    const text = (await readFile(this.logFile)).subarray(this.logStart).toString('utf8');
    return text.split('\n').some(isReadyLine);
  };
}

/** How a process ended, in words. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with status ${code}` : `was ended by ${signal}`),
    );
  });

/** A JSON object that is not a line of a log: what each process prints once it serves. */
function isReadyLine(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return !('level' in (JSON.parse(line) as object));
  } catch {
    return false;
  }
}
