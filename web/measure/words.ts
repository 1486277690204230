import { isMetric, type Scale } from './frame';
import type { Value } from './measurement';

/** Values as people read them: as many digits as the sigma leaves, and the unit. */

const LANGUAGE = 'en';
const METRES = { 1: 'm', 2: 'm²', 3: 'm³' } as const;
const UNITS = { 1: 'units', 2: 'units²', 3: 'units³' } as const;

export const unitWords = (dimension: 1 | 2 | 3, scale: Scale): string => (isMetric(scale) ? METRES : UNITS)[dimension];

/** `4.02 ± 0.03 m`; without the sigma where it is not known. */
export function valueWords({ amount, sigma }: Value, dimension: 1 | 2 | 3, scale: Scale): string {
  const digits = digitsFor(sigma ?? Math.abs(amount) / 100);
  const unit = unitWords(dimension, scale);
  const number = fixed(amount, digits);
  return sigma === null ? `${number} ${unit}` : `${number} ± ${fixed(sigma, digits)} ${unit}`;
}

/** So many behind the point that one or two digits of the sigma show; a millimetre at the finest. */
function digitsFor(sigma: number): number {
  if (!(sigma > 0)) return 3;
  const size = Math.floor(Math.log10(sigma));
  const first = sigma / 10 ** size;
  return Math.max(0, Math.min(3, -size + (first < 2 ? 1 : 0)));
}

function fixed(value: number, digits: number): string {
  const text = value.toLocaleString(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text;
}

/** `46.842617, -91.993869` */
export const placeWords = ({ latitude, longitude }: { latitude: number; longitude: number }): string =>
  `${latitude.toFixed(7)}, ${longitude.toFixed(7)}`;
