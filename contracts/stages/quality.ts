/** Quality of a scene at a moment of its training; an average over a share of the iterations. */
export interface QualityPoint {
  readonly iteration: number;
  /** Since the machine's program began to work. */
  readonly seconds: number;
  /** dB, of photos that are trained on; each line of progress tells that of one photo. */
  readonly psnr: number;
  /** As the program weighs it; null where it does not tell. */
  readonly loss: number | null;
}

/** A point that may still take more lines of progress. */
export interface GatheredQuality extends QualityPoint {
  /** Share of the training that it stands for, from 0 to `QUALITY_POINTS - 1`. */
  readonly share: number;
  /** Lines of progress that it is the average of. */
  readonly lines: number;
}

/** What a line of progress may say of quality; a `Progress` is one. */
export interface QualityLine {
  readonly done: number;
  readonly total: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** Points of a curve at most: heartbeats, records and answers hold all of them. */
export const QUALITY_POINTS = 60;

/**
 * A curve with what a line of progress tells; the same where that is no quality, as before and after the training
 * itself, and where the line is of an earlier share than the last.
 * @param seconds since the machine's program began to work
 */
export function withQuality(
  curve: readonly GatheredQuality[],
  { done, total, metrics }: QualityLine,
  seconds: number,
): readonly GatheredQuality[] {
  const { psnr, loss = null, iteration = done } = metrics;
  if (!isNumber(psnr) || !isNumber(iteration) || !(total > 0) || !(done >= 0)) return curve;
  const share = Math.min(QUALITY_POINTS - 1, Math.floor((done / total) * QUALITY_POINTS));
  const last = curve.at(-1);
  if (last !== undefined && share < last.share) return curve;
  const line = { share, lines: 1, iteration, seconds, psnr, loss: isNumber(loss) ? loss : null };
  return last?.share === share ? [...curve.slice(0, -1), averaged(last, line)] : [...curve, line];
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function averaged(point: GatheredQuality, line: GatheredQuality): GatheredQuality {
  const lines = point.lines + 1;
  const mean = (of: 'iteration' | 'seconds' | 'psnr'): number => point[of] + (line[of] - point[of]) / lines;
  return {
    share: point.share,
    lines,
    iteration: mean('iteration'),
    seconds: mean('seconds'),
    psnr: mean('psnr'),
    loss: point.loss === null || line.loss === null ? line.loss : point.loss + (line.loss - point.loss) / lines,
  };
}

/** A curve as records and answers hold it. */
export const qualityCurve = (curve: readonly GatheredQuality[]): QualityPoint[] =>
  curve.map(({ iteration, seconds, psnr, loss }) => ({
    iteration: Math.round(iteration),
    seconds: Math.round(seconds),
    psnr: Number(psnr.toFixed(3)),
    loss: loss === null ? null : Number(loss.toFixed(5)),
  }));
