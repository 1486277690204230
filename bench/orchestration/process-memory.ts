import { readFile } from 'node:fs/promises';
import { setInterval as every } from 'node:timers/promises';

/** Largest memory of a process while it was looked at; MB are 2^20 bytes. */
export interface MemoryPeak {
  /** Resident, shared pages in full. */
  readonly rssMb: number;
  /** Proportional: a page that others use too counts in part. */
  readonly pssMb: number;
}

const LOOK_EVERY_MS = 1000;

/** Looks at a process of this machine (Linux) until `signal` aborts. */
export async function peakMemory(pid: number, signal: AbortSignal): Promise<MemoryPeak> {
  let [rssMb, pssMb] = [0, 0];
  try {
    for await (const _tick of every(LOOK_EVERY_MS, undefined, { signal })) {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
      rssMb = Math.max(rssMb, megabytes(rollup, 'Rss'));
      pssMb = Math.max(pssMb, megabytes(rollup, 'Pss'));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return { rssMb: Math.round(rssMb), pssMb: Math.round(pssMb) };
}

function megabytes(rollup: string, field: 'Rss' | 'Pss'): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup) ?? [];
  if (kilobytes === undefined) throw new Error(`the kernel does not tell ${field}`);
  return Number(kilobytes) / 1024;
}
