/**
 * Numbers, sums, lengths of time and times as people of this browser's language and time zone read them. What is not
 * known is a dash.
 */
type Maybe = number | null | undefined;

const DASH = '–';
const known = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value);

const LANGUAGE = 'en';
const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 0 });
const dollars = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency: 'USD' });
const smallDollars = new Intl.NumberFormat(LANGUAGE, {
  style: 'currency',
  currency: 'USD',
  minimumSignificantDigits: 2,
  maximumSignificantDigits: 2,
});
const dayAndTime = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });
const timeOnly = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'medium', hourCycle: 'h23' });
const dayOnly = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeZone: 'UTC' });
const ago = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });

/** `1,234` */
export const count = (value: Maybe): string => (known(value) ? whole.format(value) : DASH);

/** `42%` of a fraction from 0 to 1. */
export const share = (fraction: Maybe): string => (known(fraction) ? percent.format(fraction) : DASH);

/** `12.34` with so many digits behind the point. */
export const decimal = (value: Maybe, digits: number): string =>
  known(value)
    ? value.toLocaleString(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : DASH;

/** US dollars; sums below a dime keep the two digits that make them visible. */
export const usd = (value: Maybe): string =>
  known(value) ? (value !== 0 && Math.abs(value) < 0.1 ? smallDollars : dollars).format(value) : DASH;

/** `$0.02 to $0.26`, `up to $0.03`: an estimate, by the cent. */
export function usdRange({ low, high }: { readonly low: number; readonly high: number }): string {
  const [from, to] = [Math.floor(low * 100) / 100, Math.ceil(high * 100) / 100];
  if (from === to) return dollars.format(to);
  return from === 0 ? `up to ${dollars.format(to)}` : `${dollars.format(from)} to ${dollars.format(to)}`;
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `4.8 MB`, in steps of 1000. */
export function bytes(value: Maybe): string {
  if (!known(value)) return DASH;
  const step = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return (value / 1000 ** step).toLocaleString(LANGUAGE, {
    style: 'unit',
    unit: BYTE_UNITS[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumSignificantDigits: 3,
  });
}

const inUnit = (value: number, unit: 'second' | 'minute' | 'hour' | 'day'): string =>
  value.toLocaleString(LANGUAGE, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 });

/** `42 sec`, `3 min 20 sec`, `2 hr 5 min`, `3 days 4 hr`: the two largest units. */
export function duration(seconds: Maybe): string {
  if (!known(seconds)) return DASH;
  const total = Math.max(0, Math.round(seconds));
  const parts = [
    ['day', Math.floor(total / 86_400)],
    ['hour', Math.floor(total / 3600) % 24],
    ['minute', Math.floor(total / 60) % 60],
    ['second', total % 60],
  ] as const;
  const first = parts.findIndex(([, value]) => value > 0);
  if (first < 0) return inUnit(0, 'second');
  return parts
    .slice(first, first + 2)
    .filter(([, value]) => value > 0)
    .map(([unit, value]) => inUnit(value, unit))
    .join(' ');
}

/** `3 to 18 min`, `40 sec to 2 min`: a range as coarse as it is sure, from seconds. */
export function durationRange(low: number, high: number): string {
  const [from, to] = [coarse(low), coarse(high)];
  if (from === to) return to;
  const [count, unit] = from.split(' ');
  return to.endsWith(` ${unit}`) ? `${count} to ${to}` : `${from} to ${to}`;
}

/** Whole minutes from two minutes on, hours with a half from two hours on. */
function coarse(seconds: number): string {
  if (seconds < 90) return inUnit(Math.max(5, Math.round(seconds / 5) * 5), 'second');
  if (seconds < 5400) return inUnit(Math.round(seconds / 60), 'minute');
  return `${(Math.round(seconds / 1800) / 2).toLocaleString(LANGUAGE)} hr`;
}

/** `Nov 21, 2026, 10:38 AM`, of ISO 8601 or of milliseconds since 1970, in the time zone of this machine. */
export function time(at: string | Maybe): string {
  const atMs = typeof at === 'string' ? Date.parse(at) : at;
  return known(atMs) ? dayAndTime.format(atMs) : DASH;
}

/** `10:38:02` */
export function clock(at: string): string {
  const atMs = Date.parse(at);
  return known(atMs) ? timeOnly.format(atMs) : DASH;
}

/** `Nov 21, 2026` of a day in UTC, `2026-11-21`. */
export const day = (at: string): string => dayOnly.format(Date.parse(at));

const AGO_STEPS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
] as const;

/** `3 minutes ago`, `in 2 hours`, `yesterday`; a date from a month on. */
export function relative(at: string, nowMs: number): string {
  let value = (Date.parse(at) - nowMs) / 1000;
  if (!Number.isFinite(value)) return DASH;
  if (Math.abs(value) < 45) return 'just now';
  for (const [unit, next] of AGO_STEPS) {
    if (Math.abs(value) < next) return ago.format(Math.round(value), unit);
    value /= next;
  }
  return dayOnly.format(Date.parse(at));
}
