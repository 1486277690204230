import { inUnitsOf, type UnitSystem } from '../../contracts/scene/units';
import { isMetric, toEnu, type Scale, type SceneFrame } from './frame';
import { isOutline, placeOf, readings, unitOf, type Mark, type Reading } from './mark';
import type { Vector } from './vectors';
import { shownValue } from './words';

/**
 * Marks as files for other programs. Lengths are metres or feet, as people read them here, where the scale is known;
 * else units of the scene.
 */

/** How lengths are written: what a unit of the scene is, and what people read. */
export interface Written {
  readonly frame: SceneFrame;
  readonly scale: Scale;
  readonly units: UnitSystem;
}

const valueOf = ({ value, dimension }: Reading, { scale, units }: Written): Reading['value'] & { unit: string } => ({
  ...shownValue(value, dimension, scale, units),
  unit: unitOf(dimension, scale, units),
});

/** East, north and up of a point, as lengths are written. */
const enuOf = (point: Vector, { frame, scale, units }: Written): number[] =>
  toEnu(frame, scale, point).map((each) => round(isMetric(scale) ? inUnitsOf(units, each) : each, 4));

/**
 * RFC 7946: longitude, latitude, height. Null where the scene is not laid on the map, or its place is not shown.
 * Heights are as the photos count them, in metres, and left out where those do not say.
 */
export function toGeoJson(marks: readonly Mark[], written: Written): string | null {
  const { frame, scale } = written;
  if (frame.origin === null || frame.enuFromScene === null) return null;
  const position = ({ point }: Mark['vertices'][number]): number[] => {
    const { longitude, latitude, height } = placeOf(frame, scale, point) ?? { longitude: 0, latitude: 0, height: null };
    return [round(longitude, 9), round(latitude, 9), ...(height === null ? [] : [round(height, 4)])];
  };
  const features = marks.map((mark) => ({
    type: 'Feature',
    id: mark.id,
    geometry: geometry(mark, mark.vertices.map(position)),
    properties: {
      kind: mark.kind,
      text: mark.text,
      scaleSource: scale.source,
      scaleRelativeSigma: scale.relativeSigma,
      values: readings(mark, frame, scale).map((reading) => ({ figure: reading.figure, ...valueOf(reading, written) })),
    },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features }, null, 1);
}

function geometry({ kind }: Mark, positions: readonly (readonly number[])[]): object {
  const [first] = positions;
  if (positions.length < 2) return { type: 'Point', coordinates: first };
  if (!isOutline(kind)) return { type: 'LineString', coordinates: positions };
  return { type: 'Polygon', coordinates: [[...counterclockwise(positions), counterclockwise(positions)[0]]] };
}

/** The order that RFC 7946 asks of an outline. */
function counterclockwise(positions: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const doubled = positions.reduce((so, [x = 0, y = 0], i) => {
    const [nextX = 0, nextY = 0] = positions[(i + 1) % positions.length] ?? [];
    return so + (x * nextY - nextX * y);
  }, 0);
  return doubled < 0 ? positions.toReversed() : positions;
}

const COLUMNS = ['id', 'kind', 'text', 'figure', 'amount', 'sigma', 'unit', 'scale_source', 'vertices_enu'] as const;

/** A line for each value, and one for each mark without values. */
export function toCsv(marks: readonly Mark[], written: Written): string {
  const { frame, scale } = written;
  const rows = marks.flatMap((mark) => {
    const vertices = mark.vertices.map(({ point }) => enuOf(point, written).join(' ')).join('; ');
    const line = (figure: string, amount: number | '', sigma: number | '', unit: string): (string | number)[] => [
      mark.id,
      mark.kind,
      mark.text,
      figure,
      amount,
      sigma,
      unit,
      scale.source,
      // Begins with a letter, so that no spreadsheet takes it for a number or a formula.
      `enu ${vertices}`,
    ];
    const found = readings(mark, frame, scale);
    if (found.length === 0) return [line('', '', '', '')];
    return found.map((reading) => {
      const { amount, sigma, unit } = valueOf(reading, written);
      return line(reading.figure, amount, sigma ?? '', unit);
    });
  });
  return [COLUMNS, ...rows].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/** Spreadsheets run a cell that begins so as a formula, wherever its text came from (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * ASCII DXF of AutoCAD release 12, which every CAD program reads: a layer for each kind, east, north and up of the
 * scene's origin.
 */
export function toDxf(marks: readonly Mark[], written: Written): string {
  const entities = marks.flatMap((mark) => entitiesOf(mark, written));
  const insUnits = isMetric(written.scale) ? INS_UNITS[written.units] : 0;
  return [
    ...[0, 'SECTION', 2, 'HEADER', 9, '$ACADVER', 1, 'AC1009', 9, '$INSUNITS', 70, insUnits, 0, 'ENDSEC'],
    ...[0, 'SECTION', 2, 'ENTITIES'],
    ...entities,
    ...[0, 'ENDSEC', 0, 'EOF', ''],
  ].join('\r\n');
}

/** Codes of `$INSUNITS`. */
const INS_UNITS = { metric: 6, imperial: 2 } as const satisfies Record<UnitSystem, number>;

function entitiesOf(mark: Mark, written: Written): (string | number)[] {
  const layer = mark.kind.toUpperCase();
  const points = mark.vertices.map(({ point }) => enuOf(point, written));
  const at = ([e = 0, n = 0, u = 0]: readonly number[]): (string | number)[] => [10, e, 20, n, 30, u];
  const [first] = points;
  if (first === undefined) return [];
  const [reading] = readings(mark, written.frame, written.scale);
  const shown = reading && valueOf(reading, written);
  const value = shown && `${shown.amount.toFixed(3)} ${shown.unit}`;
  const words = [mark.text, mark.kind === 'point' ? '' : value].filter(Boolean).join(': ');
  const label = words === '' ? [] : [0, 'TEXT', 8, layer, ...at(first), 40, 0.25, 1, dxfText(words)];
  if (points.length === 1) return [0, 'POINT', 8, layer, ...at(first), ...label];
  return [
    // 8: a polyline in space; 1: closed.
    ...[0, 'POLYLINE', 8, layer, 66, 1, 10, 0, 20, 0, 30, 0, 70, isOutline(mark.kind) ? 9 : 8],
    ...points.flatMap((point) => [0, 'VERTEX', 8, layer, ...at(point), 70, 32]),
    ...[0, 'SEQEND', 8, layer],
    ...label,
  ];
}

const MAX_DXF_TEXT = 250;

/** One line of ASCII: a group's value ends with the line, and other letters are written as `\U+XXXX`. */
function dxfText(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_DXF_TEXT / 2);
  // `%%` and `^` begin codes of their own.
  const plain = line.replaceAll('%%', '% %').replaceAll('^', '^ ');
  return plain.replaceAll(/[^ -~]/gu, (letter) =>
    utf16(letter)
      .map((unit) => `\\U+${unit.toString(16).toUpperCase().padStart(4, '0')}`)
      .join(''),
  );
}

const utf16 = (letter: string): number[] => Array.from({ length: letter.length }, (_, i) => letter.charCodeAt(i));

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
