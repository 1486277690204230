/**
 * The value that `share` of the values do not exceed (nearest rank): of 50 values the 0.99 is the largest. Needs one
 * value.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('nothing was measured');
  return value;
}

/** Median and 99th percentile in whole milliseconds, and of how many. */
interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

export const spread = (valuesMs: readonly number[]): Spread => ({
  p50: Math.round(percentile(valuesMs, 0.5)),
  p99: Math.round(percentile(valuesMs, 0.99)),
  count: valuesMs.length,
});
