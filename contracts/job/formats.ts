import type { Stage } from '../stages/stage';
import { inUnitsOf, lengthUnit, type UnitSystem } from '../scene/units';
import type { StageMetrics } from '../generated/reports';

// Numbers as people read them, the same in pages and mails. A number that is not there is a dash.
type MaybeNumber = number | null | undefined;

const DASH = '–';
const known = (value: MaybeNumber): value is number => typeof value === 'number' && Number.isFinite(value);

/** `1 234 567` with thin separators of the English locale. */
export const formatCount = (value: MaybeNumber): string => (known(value) ? value.toLocaleString('en-US') : DASH);

export const formatNumber = (value: MaybeNumber, digits: number, unit = ''): string =>
  known(value) ? `${value.toFixed(digits)}${unit}` : DASH;

/** US dollars; small sums keep the digits that make them visible. */
export const formatUsd = (value: MaybeNumber): string =>
  known(value) ? `$${value.toFixed(value !== 0 && Math.abs(value) < 0.1 ? 4 : 2)}` : DASH;

export function formatBytes(value: MaybeNumber): string {
  if (!known(value)) return DASH;
  if (value < 1000) return `${value} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** step).toPrecision(3)} ${units[step - 1]}`;
}

/** `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(value: MaybeNumber): string {
  if (!known(value)) return DASH;
  const seconds = Math.max(0, Math.round(value));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `2026-11-21 10:38 UTC`, of ISO 8601 or of milliseconds since 1970. */
export function formatTime(time: string | MaybeNumber): string {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : time;
  return known(milliseconds) ? `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC` : DASH;
}

/** What a job has come to so far, by name: the same on its page, in its mails and in the CLI, which tell metres. */
export function figures(
  photos: { readonly accepted: number; readonly leftOut: number } | null,
  { sfm, training, compression }: { readonly [S in Stage]?: StageMetrics[S] },
  units: UnitSystem = 'metric',
): [name: string, value: string][] {
  const rows: [string, string][] = [];
  if (photos !== null) {
    const note = photos.leftOut > 0 ? `, ${formatCount(photos.leftOut)} left out` : '';
    rows.push(['Photos used', `${formatCount(photos.accepted)}${note}`]);
  }
  if (sfm !== undefined)
    rows.push(
      ['Photos that fit together', `${formatCount(sfm.registered)} of ${formatCount(sfm.photos)}`],
      ['Points', formatCount(sfm.points)],
      ['Reprojection error', formatNumber(sfm.reprojectionErrorPx, 2, ' px')],
      ...groundFigures(sfm, units),
    );
  if (training !== undefined) {
    const { gaussians, psnr, ssim, iterations } = training;
    rows.push(
      ['Gaussians', formatCount(gaussians)],
      ['Quality on photos held out', `PSNR ${formatNumber(psnr, 2, ' dB')}, SSIM ${formatNumber(ssim, 3)}`],
      ['Iterations', formatCount(iterations)],
    );
  }
  if (compression !== undefined) rows.push(['Size for the web', sizeForTheWeb(compression)]);
  return rows;
}

/** How well the place is covered, as far as images of SfM tell it; lengths only of scenes in metres. */
function groundFigures({ ground, frame, georeferenced }: StageMetrics['sfm'], units: UnitSystem): [string, string][] {
  const rows: [string, string][] = [];
  const height = frame?.cameraHeight;
  if (georeferenced === true && known(height))
    rows.push(['Height above what was seen', formatNumber(inUnitsOf(units, height), 1, ` ${lengthUnit(units)}`)]);
  const pixel = ground?.samplingDistanceM;
  if (known(pixel))
    rows.push([
      'A pixel of the photos shows',
      units === 'metric' ? `${(100 * pixel).toPrecision(2)} cm` : `${(12 * inUnitsOf(units, pixel)).toPrecision(2)} in`,
    ]);
  if (known(ground?.photosMedian))
    rows.push([
      'Photos that see a place',
      `${formatCount(ground.photosMedian)} (median), at most ${formatCount(ground.photosMax)}`,
    ]);
  return rows;
}

/** Beside what it is compared with: a PLY with all 62 numbers of each Gaussian. */
const sizeForTheWeb = ({ bytes, ratioSh3 }: StageMetrics['compression']): string =>
  `${formatBytes(bytes)}, ${formatNumber(ratioSh3, 1)} times smaller than a PLY of the same Gaussians with all ` +
  `harmonics (${formatBytes(bytes * ratioSh3)})`;
