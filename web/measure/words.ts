import { inUnitsOf, lengthUnit, type UnitSystem } from '../../contracts/scene/units';
import { isMetric, type Scale } from './frame';
import type { Value } from './measurement';

/** Values as people read them: as many digits as the sigma leaves, and the unit. */

const LANGUAGE = 'en';
const POWERS = { 1: '', 2: '²', 3: '³' } as const;

/** `4.02 ± 0.03 m`, `13.19 ± 0.10 ft`; without the sigma where it is not known. */
export function valueWords(value: Value, dimension: 1 | 2 | 3, scale: Scale, units: UnitSystem): string {
  const { amount, sigma } = shownValue(value, dimension, scale, units);
  const digits = digitsFor(sigma ?? Math.abs(amount) / 100, dimension);
  const unit = `${isMetric(scale) ? lengthUnit(units) : 'units'}${POWERS[dimension]}`;
  const number = fixed(amount, digits);
  return sigma === null ? `${number} ${unit}` : `${number} ± ${fixed(sigma, digits)} ${unit}`;
}

/** A value in the unit that people read: as it is where nobody knows the scale. */
export function shownValue({ amount, sigma }: Value, dimension: 1 | 2 | 3, scale: Scale, units: UnitSystem): Value {
  const shown = (metric: number): number => (isMetric(scale) ? inUnitsOf(units, metric, dimension) : metric);
  return { amount: shown(amount), sigma: sigma === null ? null : shown(sigma) };
}

/** So many behind the point that one or two digits of the sigma show; at most three a dimension, as of small things. */
function digitsFor(sigma: number, dimension: 1 | 2 | 3): number {
  if (!(sigma > 0)) return 3;
  const size = Math.floor(Math.log10(sigma));
  const first = sigma / 10 ** size;
  return Math.max(0, Math.min(3 * dimension, -size + (first < 2 ? 1 : 0)));
}

function fixed(value: number, digits: number): string {
  const text = value.toLocaleString(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text;
}

/** `46.842617, -91.993869` */
export const placeWords = ({ latitude, longitude }: { latitude: number; longitude: number }): string =>
  `${latitude.toFixed(7)}, ${longitude.toFixed(7)}`;
