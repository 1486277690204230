import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { log, metricMeter } from '@temporalio/activity';
import type { Stage } from '../../contracts/stages/stage';
import { layout } from '../../contracts/storage/layout';
import { STAGE } from '../../contracts/stages/stages';
import { readJson, type BucketDeps } from '../../platform/s3-objects';
import { currentSpan } from '../../platform/tracing/current';
import type { Tracer } from '../../platform/tracing/tracer';
import type { TellOfMachine } from './attempt-logs';
import { describeMachineJob } from './described-machine-job';
import { machineSpans } from './machine-spans';
import { transfersOf, useOfRun, type MachineUse, type Transfers } from './machine-use';

export interface MachineToldDeps extends BucketDeps {
  /** Null where nothing is traced. */
  readonly tracer: Tracer | null;
  readonly sagemaker: SageMakerClient;
}

const MIB = 2 ** 20;

/**
 * Programs on machines have no network, so that what they did is told by the worker that keeps their log: as metrics of
 * this worker, and as spans where the job is traced. Never rejects.
 */
export const createTellOfMachine =
  ({ tracer, sagemaker, s3, bucket }: MachineToldDeps): TellOfMachine =>
  async (input, lines, signal) => {
    const { stage, jobName, jobId, attempt, part } = input;
    try {
      const machine = await describeMachineJob(sagemaker, STAGE[stage].kind, jobName, signal);
      if (machine === null) return;
      const key = `${layout.artifactFolder(jobId, stage, attempt, jobName, part)}report.json`;
      const report = (await readJson(s3, { bucket, key }, signal).catch(() => null))?.value ?? null;
      count(stage, transfersOf(machine, lines), useOfRun(lines, report));
      const parent = currentSpan();
      if (tracer === null || parent === null) return;
      for (const span of machineSpans(parent, input, machine, lines, report)) tracer.record(span);
    } catch (error) {
      log.warn('a machine job is missing in metrics and traces', { jobName, error });
    }
  };

/** Among the metrics of this worker; what is not known counts nowhere. */
function count(stage: Stage, transfers: Transfers | null, use: MachineUse): void {
  const observe = (
    name: string,
    help: string,
    value: number | null | undefined,
    tags: Record<string, string>,
  ): void => {
    if (typeof value === 'number')
      metricMeter.createHistogram(name, 'float', undefined, help).record(value, { stage, ...tags });
  };
  const transfer = (what: string, seconds: number | undefined): void =>
    observe('spaceport_machine_transfer_seconds', 'Before and after the program of a machine', seconds, { what });
  transfer('inputs', transfers?.inputSeconds);
  transfer('results', transfers?.resultSeconds);
  const bytes = (mb: number | null): number | null => (mb === null ? null : mb * MIB);
  observe('spaceport_machine_memory_bytes', 'Most memory that the program had', bytes(use.peakMb), {});
  observe('spaceport_machine_gpu_utilization_ratio', 'Share of time in which it computed', use.gpuUtilization, {});
  observe('spaceport_machine_gpu_memory_bytes', "Most of the GPU's memory in use", bytes(use.gpuPeakMb), {});
}

const GIB = 1024 * MIB;
const MEMORY = [0.25, 0.5, 1, 2, 4, 8, 12, 16, 24, 32, 48, 64].map((gib) => gib * GIB);

/** Boundaries of the histograms above: the SDK's own are those of a latency. */
export const MACHINE_BUCKETS: Record<string, number[]> = {
  spaceport_machine_transfer_seconds: [1, 5, 15, 30, 60, 120, 300, 600, 1800],
  spaceport_machine_memory_bytes: MEMORY,
  spaceport_machine_gpu_utilization_ratio: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  spaceport_machine_gpu_memory_bytes: MEMORY,
};
