import type { ComparedEstimate, Range } from './estimate-schema';
import { formatCount, formatSeconds, formatUsd } from '../job/formats';

/** A duration as exact as an estimate is: `40 s`, `12 min`, `2.5 h`. */
function roughly(seconds: number): string {
  if (seconds < 90) return `${Math.max(10, Math.round(seconds / 10) * 10)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}

/** `10 to 40 s`, `50 s to 12 min`, `12 min`. */
export function durationWords({ low, high }: Range): string {
  const [from, to] = [roughly(low), roughly(high)];
  if (from === to) return to;
  const [, count = '', unit = ''] = /^(\S+) (\S+)$/.exec(from) ?? [];
  return to.endsWith(` ${unit}`) ? `${count} to ${to}` : `${from} to ${to}`;
}

const moneyWords = ({ low, high }: Range): string =>
  formatUsd(low) === formatUsd(high) ? formatUsd(high) : `${formatUsd(low)} to ${formatUsd(high)}`;

/** `5 to 12 min left`; `less than 2 min left` where it may be over at any moment. */
export const timeLeftWords = ({
  lowSeconds: low,
  highSeconds: high,
}: {
  readonly lowSeconds: number;
  readonly highSeconds: number;
}): string => (low < 10 ? `less than ${roughly(high)} left` : `${durationWords({ low, high })} left`);

/** What was expected, and why that is believed. */
export function estimateWords({
  seconds,
  usd,
  stages,
  basis,
}: Pick<ComparedEstimate, 'seconds' | 'usd' | 'stages' | 'basis'>): string {
  const attempts = Math.min(...stages.map((stage) => stage.attempts));
  const why = basis === 'ledger' ? `by ${formatCount(attempts)} or more jobs like it` : 'by a model';
  return `${durationWords(seconds)}, ${moneyWords(usd)} (${why})`;
}

/** What came, beside what was expected. */
export const actualWords = ({ seconds, usd }: NonNullable<ComparedEstimate['actual']>): string =>
  `${formatSeconds(seconds)}, ${formatUsd(usd)}`;
