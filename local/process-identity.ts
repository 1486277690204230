import { execFile, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process that cannot be confused with a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Linux: boot id and start tick of /proc/<pid>/stat; elsewhere what `ps -o lstart` prints. */
  startTime: string;
}

interface ProcStat {
  state: string;
  processGroup: number;
  startTick: string;
}

const onLinux = process.platform === 'linux';
const execFileAsync = promisify(execFile);

/** The identity of a living process (a zombie does not live), or undefined. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = onLinux ? await linuxStartTime(pid) : await psStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** The id of a process that has been spawned; throws where spawning failed. */
export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the process was not spawned');
  return pid;
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startTime === identity.startTime;
}

/** Sends a signal to a process, or with a negative pid to a group; false where there is none to receive it. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Kills every process of the group that `leader` leads or led, and resolves when none is left. A group whose number has
 * since gone to a stranger is left alone. Rejects when processes survive for 10 s, which only an unkillable wait in the
 * kernel can cause.
 */
export async function killProcessGroup(leader: ProcessIdentity): Promise<void> {
  const current = await identifyProcess(leader.pid);
  if (current && current.startTime !== leader.startTime) return;
  const deadlineMs = Date.now() + 10_000;
  for (let round = 1; signalGroup(leader.pid, 'SIGKILL'); round += 1) {
    // Reading all of /proc is dear where many jobs end at once, and needed only where zombies stay.
    if (round % 8 === 0 && onLinux && !(await hasLivingMember(leader.pid))) return;
    if (Date.now() > deadlineMs) throw new Error(`process group ${leader.pid} survives SIGKILL`);
    await sleep(5 * round);
  }
}

/** False where the group has no member. On macOS one of zombies only is answered with EPERM. */
function signalGroup(processGroup: number, signal: NodeJS.Signals): boolean {
  try {
    return sendSignal(-processGroup, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}

/**
 * Whether a process of the group does more than wait to be reaped. Zombies count for kill(2), and where process 1 reaps
 * nothing, as in some containers, they stay for ever.
 */
async function hasLivingMember(processGroup: number): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readProcStat(Number(pid))));
  return stats.some((stat) => stat?.processGroup === processGroup && !isDead(stat));
}

async function linuxStartTime(pid: number): Promise<string | undefined> {
  const stat = await readProcStat(pid);
  return stat && !isDead(stat) ? `${await bootId()}/${stat.startTick}` : undefined;
}

function isDead(stat: ProcStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

async function readProcStat(pid: number): Promise<ProcStat | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // proc(5): the second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const { 0: state = '', 2: processGroup, 19: startTick = '' } = fields;
  return { state, processGroup: Number(processGroup), startTick };
}

let knownBootId: Promise<string> | undefined;

function bootId(): Promise<string> {
  knownBootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim());
  return knownBootId;
}

async function psStartTime(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await execFileAsync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state = 'Z', ...startTime] = stdout.trim().split(/\s+/);
    return state.startsWith('Z') ? undefined : startTime.join(' ');
  } catch {
    return undefined;
  }
}
