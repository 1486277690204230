import { parseProgressLine, type Progress } from '../../contracts/stages/progress';
import { isRecord } from '../../contracts/messages/parsed';
import type { LogLine } from '../../platform/machine-logs/log-stream';
import type { DescribedMachineJob } from './described-machine-job';

/** What programs print of their machine among the metrics of progress lines. */
interface PrintedUse {
  /** Resident set of the program, in MiB. */
  readonly memoryMb: number;
  /** Share of time in which the GPU computed, 0 to 1; of a program that uses one. */
  readonly gpuUtilization: number;
  /** The GPU's memory in use, in MiB. */
  readonly gpuMemoryMb: number;
}

/** How a machine was used by the program on it, or by a phase of it; null where nothing tells it. */
export interface MachineUse {
  /** Highest resident set of the program, in MiB. */
  readonly peakMb: number | null;
  /** Mean share of time in which the GPU computed, 0 to 1. */
  readonly gpuUtilization: number | null;
  /** The most of the GPU's memory that was in use, in MiB. */
  readonly gpuPeakMb: number | null;
}

/** Seconds before and after the program, in which the platform moves its inputs and results; image included. */
export interface Transfers {
  readonly inputSeconds: number;
  readonly resultSeconds: number;
}

/** From the first to the last word of a program; the end of the machine job where it said nothing. */
export function spokenFor(
  lines: readonly LogLine[],
  { endedAtMs }: { readonly endedAtMs: number },
): { readonly beganMs: number; readonly doneMs: number } {
  return {
    beganMs: Math.min(lines[0]?.atMs ?? endedAtMs, endedAtMs),
    doneMs: Math.min(lines.at(-1)?.atMs ?? endedAtMs, endedAtMs),
  };
}

/** Null of a machine job that never started or has not ended, or whose program said nothing. */
export function transfersOf(
  { startedAtMs, endedAtMs }: Pick<DescribedMachineJob, 'startedAtMs' | 'endedAtMs'>,
  lines: readonly LogLine[],
): Transfers | null {
  if (startedAtMs === null || endedAtMs === null || lines.length === 0) return null;
  const { beganMs, doneMs } = spokenFor(lines, { endedAtMs });
  return {
    inputSeconds: Math.max(0, beganMs - startedAtMs) / 1000,
    resultSeconds: Math.max(0, endedAtMs - doneMs) / 1000,
  };
}

/** What progress lines tell of the machine's use while they were printed. */
export function printedUse(printed: readonly Progress[]): MachineUse {
  const values = (name: keyof PrintedUse): number[] =>
    printed.flatMap(({ metrics }) => (typeof metrics[name] === 'number' ? [metrics[name]] : []));
  const shares = values('gpuUtilization');
  return {
    peakMb: highest(values('memoryMb')),
    gpuUtilization: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
    gpuPeakMb: highest(values('gpuMemoryMb')),
  };
}

/** Of a whole run: what its report says, which has measured more often, else what its lines do. */
export function useOfRun(lines: readonly LogLine[], report: unknown): MachineUse {
  const printed = printedUse(lines.flatMap(({ text }) => parseProgressLine(text) ?? []));
  const whole = isRecord(report) ? report : {};
  const machine = isRecord(whole.machine) ? whole.machine : {};
  return {
    peakMb: numberOrNull(whole.peakMb) ?? printed.peakMb,
    gpuUtilization: numberOrNull(machine.gpuUtilization) ?? printed.gpuUtilization,
    gpuPeakMb: numberOrNull(machine.gpuPeakMb) ?? printed.gpuPeakMb,
  };
}

const highest = (values: readonly number[]): number | null =>
  values.reduce<number | null>((most, value) => Math.max(most ?? value, value), null);

export const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
