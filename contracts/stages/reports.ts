import type { FailureCode } from '../job/failures';
import type { Stage } from './stage';

/** Metrics of `report.json`, as far as gates, pages and mails read them (docs/container-contract.md). */
export interface SfmMetrics {
  readonly photos: number;
  readonly registered: number;
  readonly points: number;
  /** Mean, in pixels of the original photos. */
  readonly reprojectionErrorPx: number | null;
}

export interface TrainingMetrics {
  readonly gaussians: number;
  readonly iterations: number;
  readonly evaluationWidth: number;
  /** Raw, mean over the held-out photos, dB. */
  readonly psnr: number;
  readonly ssim: number;
  readonly modelBytes: number;
}

export interface CompressionMetrics {
  readonly gaussians: number;
  readonly shBands: number;
  readonly bytes: number;
  /** 248 bytes a Gaussian (62 floats) against the .sog. */
  readonly ratioSh3: number;
}

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
