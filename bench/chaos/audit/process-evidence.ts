import { readdir, readFile } from 'node:fs/promises';
import { jobIdOfMachine, type Leftover, type Stamp } from './evidence';

/** Lines of JSON in a file; none where there is no file. */
export async function jsonLines<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** Programs and their children that wrote a stamp and still live. Needs /proc. */
export async function livingPrograms(stamps: readonly Stamp[]): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for (const { what, jobName, pid, startTick, child } of stamps) {
    if (what !== 'start') continue;
    const jobId = jobIdOfMachine(jobName);
    if (await lives(pid, startTick))
      left.push({ jobId, what: `the program of ${jobName}, process ${pid}, still runs` });
    if (child && (await lives(child.pid, child.startTick)))
      left.push({ jobId, what: `a child of the program of ${jobName}, process ${child.pid}, still runs` });
  }
  return left;
}

/** Processes that belong to the product by their command line or environment, without those that are `known`. */
export async function strayProcesses(folder: string, known: readonly number[]): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || known.includes(pid)) continue;
    const [command, environment, stat] = await Promise.all(
      ['cmdline', 'environ', 'stat'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
    );
    if (!command?.includes(folder) && !environment?.includes(folder)) continue;
    if (isDead(stat ?? '')) continue;
    left.push({ jobId: null, what: `process ${pid} still runs: ${command?.replaceAll('\0', ' ').trim()}` });
  }
  return left;
}

async function lives(pid: number, startTick: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): the program's name in parentheses, then state, and 19 fields on the start time.
  return !isDead(stat) && stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] === startTick;
}

/** Gone, or a zombie that its parent has not asked for yet. */
const isDead = (stat: string): boolean => stat === '' || /\) [ZX] /.test(stat);
