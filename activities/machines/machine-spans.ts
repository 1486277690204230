import { parseProgressLine, type Progress } from '../../contracts/stages/progress';
import { isRecord } from '../../contracts/messages/parsed';
import type { SpanContext } from '../../contracts/tracing/trace-context';
import type { LogLine } from '../../platform/machine-logs/log-stream';
import { spanIdOf, type Span, type SpanAttributes } from '../../platform/tracing/tracer';
import type { StoreLogInput } from './attempt-logs';
import type { DescribedMachineJob } from './described-machine-job';
import { numberOrNull, printedUse, spokenFor, useOfRun, type MachineUse } from './machine-use';

/** A part of a program's run, as its progress lines tell it. */
interface PhaseOfRun {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** At least one. */
  readonly printed: readonly Progress[];
}

/**
 * The spans of a machine job that has ended: one for it, and below it the transfers before and after the program, and
 * the program's phases with their last metrics and what the report says of them. None where it never started. Ids
 * follow from the job's name: a repeat tells the same spans.
 */
export function machineSpans(
  parent: SpanContext,
  { stage, jobName, jobId, attempt }: Pick<StoreLogInput, 'stage' | 'jobName' | 'jobId' | 'attempt'>,
  machine: Pick<DescribedMachineJob, 'startedAtMs' | 'endedAtMs' | 'status' | 'instanceType' | 'billedSeconds'>,
  lines: readonly LogLine[],
  report: unknown,
): Span[] {
  const { startedAtMs, endedAtMs } = machine;
  if (startedAtMs === null || endedAtMs === null) return [];
  const spanOf = (name: string, startMs: number, endMs: number, attributes: SpanAttributes): Span => ({
    traceId: parent.traceId,
    spanId: spanIdOf(jobName, name, String(startMs)),
    parentSpanId: whole.spanId,
    name,
    kind: 'internal',
    startMs,
    endMs: Math.max(startMs, endMs),
    attributes: { 'spaceport.job_id': jobId, 'spaceport.stage': stage, ...attributes },
    error: null,
  });
  const whole = { spanId: spanIdOf(jobName) };
  const { beganMs, doneMs } = spokenFor(lines, { endedAtMs });
  const ofJob = {
    'spaceport.machine_job': jobName,
    'spaceport.attempt': attempt,
    'spaceport.instance_type': machine.instanceType,
    'spaceport.billed_seconds': machine.billedSeconds,
    'spaceport.program_seconds': isRecord(report) ? numberOrNull(report.seconds) : null,
    ...ofUse(useOfRun(lines, report)),
  };
  return [
    {
      ...spanOf(`machine ${stage}`, startedAtMs, endedAtMs, ofJob),
      spanId: whole.spanId,
      parentSpanId: parent.spanId,
      error: machine.status === 'Completed' ? null : machine.status,
    },
    spanOf('transfer of inputs', startedAtMs, beganMs, {}),
    ...phasesOf(lines).map(({ name, startMs, endMs, printed }) =>
      spanOf(`phase ${name}`, startMs, endMs, {
        ...ofUse(printedUse(printed)),
        ...ofPhase(report, name),
        ...ofMetrics(printed.at(-1)),
      }),
    ),
    spanOf('transfer of results', doneMs, endedAtMs, {}),
  ];
}

/** Phases follow each other: one lasts until the next begins, the last one until the end of the log. */
export function phasesOf(lines: readonly LogLine[]): PhaseOfRun[] {
  const begun: { readonly name: string; readonly startMs: number; readonly printed: Progress[] }[] = [];
  for (const { atMs, text } of lines) {
    const progress = parseProgressLine(text);
    if (progress === null) continue;
    const current = begun.at(-1);
    if (current?.name === progress.phase) current.printed.push(progress);
    else begun.push({ name: progress.phase, startMs: atMs, printed: [progress] });
  }
  const endMs = lines.at(-1)?.atMs ?? 0;
  return begun.map((phase, index) => ({ ...phase, endMs: begun[index + 1]?.startMs ?? endMs }));
}

/** What a program measures as it goes. */
const ofMetrics = (last: Progress | undefined): SpanAttributes =>
  last === undefined
    ? {}
    : {
        'spaceport.done': last.done,
        'spaceport.total': last.total,
        ...Object.fromEntries(Object.entries(last.metrics).map(([name, value]) => [`spaceport.metric.${name}`, value])),
      };

const ofUse = ({ peakMb, gpuUtilization, gpuPeakMb }: MachineUse): SpanAttributes => ({
  'spaceport.peak_mb': peakMb,
  'spaceport.gpu_utilization': gpuUtilization,
  'spaceport.gpu_peak_mb': gpuPeakMb,
});

function ofPhase(report: unknown, name: string): SpanAttributes {
  const phases: unknown[] = isRecord(report) && Array.isArray(report.phases) ? report.phases : [];
  const phase = phases.find((each) => isRecord(each) && each.name === name);
  return isRecord(phase)
    ? { 'spaceport.phase_seconds': numberOrNull(phase.seconds), 'spaceport.peak_mb': numberOrNull(phase.peakMb) }
    : {};
}
