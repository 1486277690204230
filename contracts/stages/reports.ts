import type { CompressionMetrics, SfmMetrics, TrainingMetrics } from '../generated/reports';
import type { FailureCode } from '../job/failures';
import type { Stage } from './stage';

/** Metrics of `report.json`. Only those that gates, pages and mails read must be there. */
export interface StageMetrics {
  readonly sfm: SfmMetrics;
  readonly training: TrainingMetrics;
  readonly compression: CompressionMetrics;
}

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
