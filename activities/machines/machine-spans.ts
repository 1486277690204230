import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { log } from '@temporalio/activity';
import { parseProgressLine, type Progress } from '../../contracts/stages/progress';
import { isRecord } from '../../contracts/messages/parsed';
import type { SpanContext } from '../../contracts/tracing/trace-context';
import { layout } from '../../contracts/storage/layout';
import { STAGE } from '../../contracts/stages/stages';
import type { LogLine } from '../../platform/machine-logs/log-stream';
import { readJson, type BucketDeps } from '../../platform/s3-objects';
import { currentSpan } from '../../platform/tracing/current';
import { spanIdOf, type Span, type SpanAttributes, type Tracer } from '../../platform/tracing/tracer';
import type { StoreLogInput, TellOfMachine } from './attempt-logs';
import { describeMachineJob, type DescribedMachineJob } from './described-machine-job';

export interface MachineSpanDeps extends BucketDeps {
  readonly tracer: Tracer;
  readonly sagemaker: SageMakerClient;
}

/** A part of a program's run, as its progress lines tell it. */
interface PhaseOfRun {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly last: Progress;
}

/**
 * Programs on machines have no network, so that what they did is told by the worker that keeps their log: a span for
 * the machine job, and below it the transfers before and after the program, and the program's phases with their last
 * metrics and what the report says of them. Ids follow from the job's name: a repeat tells the same spans. Never rejects.
 */
export const createTellOfMachine =
  ({ tracer, sagemaker, s3, bucket }: MachineSpanDeps): TellOfMachine =>
  async (input, lines, signal) => {
    const parent = currentSpan();
    if (parent === null) return;
    const { stage, jobName, jobId, attempt, part } = input;
    try {
      const machine = await describeMachineJob(sagemaker, STAGE[stage].kind, jobName, signal);
      if (machine === null) return;
      const key = `${layout.artifactFolder(jobId, stage, attempt, jobName, part)}report.json`;
      const report = await readJson(s3, { bucket, key }, signal).catch(() => null);
      for (const span of machineSpans(parent, input, machine, lines, report?.value ?? null)) tracer.record(span);
    } catch (error) {
      log.warn('a machine job is missing in its trace', { jobName, error });
    }
  };

/** The spans of a machine job that has ended; none where it never started. */
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
  const beganMs = Math.min(lines[0]?.atMs ?? endedAtMs, endedAtMs);
  const doneMs = Math.min(lines.at(-1)?.atMs ?? endedAtMs, endedAtMs);
  const ofJob = {
    'spaceport.machine_job': jobName,
    'spaceport.attempt': attempt,
    'spaceport.instance_type': machine.instanceType,
    'spaceport.billed_seconds': machine.billedSeconds,
    ...ofReport(report),
  };
  return [
    {
      ...spanOf(`machine ${stage}`, startedAtMs, endedAtMs, ofJob),
      spanId: whole.spanId,
      parentSpanId: parent.spanId,
      error: machine.status === 'Completed' ? null : machine.status,
    },
    spanOf('transfer of inputs', startedAtMs, beganMs, {}),
    ...phasesOf(lines).map(({ name, startMs, endMs, last }) =>
      spanOf(`phase ${name}`, startMs, endMs, { ...ofPhase(report, name), ...ofMetrics(last) }),
    ),
    spanOf('transfer of results', doneMs, endedAtMs, {}),
  ];
}

/** Phases follow each other: one lasts until the next begins, the last one until the end of the log. */
export function phasesOf(lines: readonly LogLine[]): PhaseOfRun[] {
  const phases: PhaseOfRun[] = [];
  for (const { atMs, text } of lines) {
    const progress = parseProgressLine(text);
    if (progress === null) continue;
    const current = phases.at(-1);
    if (current?.name === progress.phase) phases[phases.length - 1] = { ...current, endMs: atMs, last: progress };
    else {
      if (current !== undefined) phases[phases.length - 1] = { ...current, endMs: atMs };
      phases.push({ name: progress.phase, startMs: atMs, endMs: atMs, last: progress });
    }
  }
  const last = phases.pop();
  return last === undefined ? [] : [...phases, { ...last, endMs: lines.at(-1)?.atMs ?? last.endMs }];
}

/** What a program measures as it goes, of the machine's use too where it prints that. */
const ofMetrics = ({ done, total, metrics }: Progress): SpanAttributes => ({
  'spaceport.done': done,
  'spaceport.total': total,
  ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`spaceport.metric.${name}`, value])),
});

const ofReport = (report: unknown): SpanAttributes =>
  isRecord(report)
    ? { 'spaceport.program_seconds': numberOr(report.seconds), 'spaceport.peak_mb': numberOr(report.peakMb) }
    : {};

function ofPhase(report: unknown, name: string): SpanAttributes {
  const phases: unknown[] = isRecord(report) && Array.isArray(report.phases) ? report.phases : [];
  const phase = phases.find((each) => isRecord(each) && each.name === name);
  return isRecord(phase)
    ? { 'spaceport.phase_seconds': numberOr(phase.seconds), 'spaceport.peak_mb': numberOr(phase.peakMb) }
    : {};
}

const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);
