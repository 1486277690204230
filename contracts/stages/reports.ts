import { failure, isFailureCode, type FailureCode } from '../job/failures';
import { isRecord } from '../messages/parsed';
import { rejected, type GateBasis, type GateVerdict, type StageDefinition } from './definition';
import type { StageMetrics } from '../generated/reports';
import { STAGES, type Stage } from './stage';
import { STAGE } from './stages';

export interface Verdict {
  readonly ok: boolean;
  readonly code: FailureCode | null;
  readonly message: string | null;
}

export interface StageReport<S extends Stage = Stage> {
  readonly stage: S;
  readonly seconds: number;
  readonly peakMb: number;
  readonly metrics: StageMetrics[S];
  readonly verdict: Verdict;
}

/**
 * The part of a container's `report.json` that the pipeline reads, checked. Null when it is not a report of this
 * stage; a rejected report may lack metrics, an accepted one may not.
 */
export function parseStageReport<S extends Stage>(stage: S, value: unknown): StageReport<S> | null {
  if (!isRecord(value) || value.stage !== stage || !isRecord(value.verdict) || !isRecord(value.metrics)) return null;
  const { ok, code, message } = value.verdict;
  if (typeof ok !== 'boolean' || (!ok && !isFailureCode(code))) return null;
  const metrics: Record<string, unknown> = value.metrics;
  const complete = STAGE[stage].metrics.every((name) => Number.isFinite(metrics[name as string]));
  if (ok && !complete) return null;
  return {
    stage,
    seconds: Number(value.seconds) || 0,
    peakMb: Number(value.peakMb) || 0,
    metrics: metrics as unknown as StageMetrics[S],
    verdict: { ok, code: isFailureCode(code) ? code : null, message: typeof message === 'string' ? message : null },
  };
}

/** What a person should know of accepted results, a sentence each, in the order of the stages. */
export const warningsOf = (metrics: Partial<StageMetrics>): readonly string[] =>
  STAGES.flatMap((stage) => {
    const of: object = metrics[stage] ?? {};
    return 'warnings' in of && Array.isArray(of.warnings) ? of.warnings.map(String) : [];
  });

/** The verdict of a stage's gate on a report, with advice that fits it. The program's own rejection comes first. */
export function gate<S extends Stage>(report: StageReport<S>, basis: GateBasis<S>): GateVerdict {
  const { ok, code, message } = report.verdict;
  const { gate: judge, advice }: StageDefinition<S> = STAGE[report.stage];
  const found = ok
    ? judge(report.metrics, basis)
    : rejected(code ?? 'INTERNAL_ERROR', message ?? 'the program rejected its own result');
  if (found.verdict === 'accepted') return found;
  const { failure: why } = found;
  return { ...found, failure: failure(why.code, why.message, advice?.(why.code, report.metrics)) };
}
