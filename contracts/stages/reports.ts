import { isFailureCode, type FailureCode } from '../job/failures';
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

const REQUIRED_METRICS: { readonly [S in Stage]: readonly (keyof StageMetrics[S])[] } = {
  sfm: ['photos', 'registered', 'points'],
  training: ['gaussians', 'iterations', 'evaluationWidth', 'psnr', 'ssim', 'modelBytes'],
  compression: ['gaussians', 'shBands', 'bytes', 'ratioSh3'],
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * The part of a container's `report.json` that the pipeline reads, checked. Null when it is not a report of this
 * stage; a rejected report may lack metrics, an accepted one may not.
 */
export function parseStageReport<S extends Stage>(stage: S, value: unknown): StageReport<S> | null {
  if (!isRecord(value) || value.stage !== stage || !isRecord(value.verdict) || !isRecord(value.metrics)) return null;
  const { ok, code, message } = value.verdict;
  if (typeof ok !== 'boolean' || (!ok && !isFailureCode(code))) return null;
  const metrics: Record<string, unknown> = value.metrics;
  const complete = REQUIRED_METRICS[stage].every((name) => Number.isFinite(metrics[name as string]));
  if (ok && !complete) return null;
  return {
    stage,
    seconds: Number(value.seconds) || 0,
    peakMb: Number(value.peakMb) || 0,
    metrics: metrics as unknown as StageMetrics[S],
    verdict: { ok, code: isFailureCode(code) ? code : null, message: typeof message === 'string' ? message : null },
  };
}
