import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, isAlive, killProcessGroup, sendSignal, type ProcessIdentity } from '../process-identity';
import type { Endpoints } from './endpoints';

/** `stack.json` in a state folder: the launcher of the stack there, and the processes that belong to it. */
interface RunningStack {
  readonly launcher: ProcessIdentity;
  /** Null while it starts. */
  readonly endpoints: Endpoints | null;
  readonly components: Readonly<Record<string, ProcessIdentity>>;
}

/** Another launcher runs a stack on this state folder. */
export class StackIsRunningError extends Error {
  constructor(readonly running: RunningStack) {
    super(
      `a local stack is running already (process ${running.launcher.pid}); stop it with Ctrl-C where it was started, or with kill ${running.launcher.pid}`,
    );
  }
}

const LEFTOVER_GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;

/** The stack whose launcher lives, or null. */
export async function findRunningStack(stateFolder: string): Promise<RunningStack | null> {
  const stack = await read(fileIn(stateFolder));
  return stack !== null && (await isAlive(stack.launcher)) ? stack : null;
}

/** A state folder that belongs to this process until it is released. */
export class ClaimedStateFolder {
  private latestWrite = Promise.resolve();

  private constructor(
    private readonly file: string,
    private stack: RunningStack,
  ) {}

  /** Throws StackIsRunningError where another launcher lives; ends the processes that a killed one has left. */
  static async claim(stateFolder: string): Promise<ClaimedStateFolder> {
    const file = fileIn(stateFolder);
    const launcher = await identifyProcess(process.pid);
    if (launcher === undefined) throw new Error('this process cannot find itself');
    const stack: RunningStack = { launcher, endpoints: null, components: {} };
    while (!(await createFile(file, JSON.stringify(stack)))) {
      const other = await read(file);
      if (other !== null && (await isAlive(other.launcher))) throw new StackIsRunningError(other);
      for (const leftover of Object.values(other?.components ?? {})) await endLeftover(leftover);
      await rm(file, { force: true });
    }
    return new ClaimedStateFolder(file, stack);
  }

  noteEndpoints(endpoints: Endpoints): Promise<void> {
    return this.update({ endpoints });
  }

  noteComponent(name: string, identity: ProcessIdentity): Promise<void> {
    return this.update({ components: { ...this.stack.components, [name]: identity } });
  }

  async release(): Promise<void> {
    await this.latestWrite;
    await rm(this.file, { force: true });
  }

  private update(change: Partial<RunningStack>): Promise<void> {
    this.stack = { ...this.stack, ...change };
    this.latestWrite = this.latestWrite.then(async () => {
      await writeFile(`${this.file}.part`, JSON.stringify(this.stack));
      await rename(`${this.file}.part`, this.file);
    });
    return this.latestWrite;
  }
}

const fileIn = (stateFolder: string): string => path.join(stateFolder, 'stack.json');

/** False where the file is there already. */
export async function createFile(file: string, text: string, mode?: number): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null where the file is missing, or was left half-written by a killed launcher. */
async function read(file: string): Promise<RunningStack | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunningStack;
  } catch {
    return null;
  }
}

async function endLeftover(identity: ProcessIdentity): Promise<void> {
  if (!(await isAlive(identity))) return;
  sendSignal(identity.pid, 'SIGTERM');
  const deadlineMs = Date.now() + LEFTOVER_GRACE_MS;
  while (await isAlive(identity)) {
    if (Date.now() > deadlineMs) return killProcessGroup(identity);
    await sleep(LOOK_EVERY_MS);
  }
}
