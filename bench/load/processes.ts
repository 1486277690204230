import { setInterval as every } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { cpuSeconds } from '../api/cpu-time';

/** What a process took; MB are 2^20 bytes, resident. */
export interface ProcessFigures {
  readonly mbPeak: number;
  /** Means of the second and of the last quarter of the run: equal where memory does not grow with jobs that have ended. */
  readonly mbSecondQuarter: number;
  readonly mbLastQuarter: number;
  readonly cpuSecondsAJob: number;
}

const LOOK_EVERY_MS = 2000;

/** Looks at processes of this machine (Linux) until `signal` aborts. @param pids by name */
export async function watchProcesses(
  pids: Readonly<Record<string, number>>,
  jobs: number,
  signal: AbortSignal,
): Promise<Record<string, ProcessFigures>> {
  const names = Object.keys(pids);
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  const cpu = (): Promise<number[]> => Promise.all(names.map((name) => cpuSeconds(pids[name] ?? 0)));
  const before = await cpu();
  let after = before;
  try {
    for await (const _tick of every(LOOK_EVERY_MS, undefined, { signal })) {
      for (const name of names) samples.get(name)?.push(await residentMb(pids[name] ?? 0));
      after = await cpu();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return Object.fromEntries(
    names.map((name, index) => {
      const all = samples.get(name) ?? [];
      const part = (from: number, to: number): number => mean(all.slice(all.length * from, all.length * to));
      return [
        name,
        {
          mbPeak: Math.round(Math.max(...all)),
          mbSecondQuarter: Math.round(part(0.25, 0.5)),
          mbLastQuarter: Math.round(part(0.75, 1)),
          cpuSecondsAJob: Number((((after[index] ?? 0) - (before[index] ?? 0)) / jobs).toFixed(3)),
        },
      ];
    }),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a process that is gone NaN. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
  return Number(kilobytes) / 1024;
}
