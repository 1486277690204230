import { toCsv, toDxf, toGeoJson } from '../../../web/measure/export';
import type { Scale, SceneFrame } from '../../../web/measure/frame';
import { amend, begin, redo, step, undo } from '../../../web/measure/history';
import { readings, type Mark } from '../../../web/measure/mark';
import { valueWords } from '../../../web/measure/words';

const SCALE: Scale = { source: 'gps', relativeSigma: 0.01, factor: 1 };
const FRAME: SceneFrame = {
  metric: true,
  scale: { source: 'gps', relativeSigma: 0.01 },
  enuFromScene: [
    [1, 0, 0, 0],
    [0, 0, 1, 0],
    [0, -1, 0, 0],
    [0, 0, 0, 1],
  ],
  origin: { latitude: 46.5, longitude: 7.25, altitude: 600 },
};
const WITHOUT_PLACE: SceneFrame = { ...FRAME, origin: null };

const mark = (kind: Mark['kind'], points: readonly (readonly [number, number, number])[], text = ''): Mark => ({
  id: `id-${kind}`,
  kind,
  text,
  view: null,
  vertices: points.map((point) => ({ point, spread: 0.02 })),
});
const MARKS = [
  mark('note', [[1, 2, 3]], '=HYPERLINK("https://example.com")'),
  mark(
    'distance',
    [
      [0, 0, 0],
      [3, 0, 4],
    ],
    'Tor, 5 m\nbreit ä',
  ),
  mark('area', [
    [0, 0, 0],
    [0, 0, 4],
    [4, 0, 4],
  ]),
];

test('GeoJSON has longitude before latitude, outlines counterclockwise and closed, and values with their sigma', () => {
  const { type, features } = JSON.parse(toGeoJson(MARKS, { frame: FRAME, scale: SCALE, units: 'metric' })!);
  expect(type).toBe('FeatureCollection');
  const [note, distance, area] = features;
  expect(note.geometry.type).toBe('Point');
  expect(note.geometry.coordinates[0]).toBeCloseTo(7.25, 3);
  expect(note.geometry.coordinates[1]).toBeCloseTo(46.5, 3);
  expect(note.geometry.coordinates[2]).toBeCloseTo(598, 3);
  expect(distance.geometry.type).toBe('LineString');
  expect(distance.properties.values[0]).toEqual({
    figure: 'direct',
    amount: 5,
    sigma: expect.closeTo(Math.hypot(0.02, 0.02, 0.05), 6),
    unit: 'm',
  });
  const [ring] = area.geometry.coordinates;
  expect(ring).toHaveLength(4);
  expect(ring[3]).toEqual(ring[0]);
  const doubled = ring
    .slice(1)
    .reduce((so: number, [x, y]: number[], i: number) => so + ring[i][0] * y! - x! * ring[i][1], 0);
  expect(doubled).toBeGreaterThan(0);
});

test('without a place on Earth there is no GeoJSON, and the others are in metres of the scene', () => {
  expect(toGeoJson(MARKS, { frame: WITHOUT_PLACE, scale: SCALE, units: 'metric' })).toBeNull();
  expect(toCsv(MARKS, { frame: WITHOUT_PLACE, scale: SCALE, units: 'metric' })).toContain('enu 0 0 0; 3 4 0');
});

test('CSV has a line for each value, and text that a spreadsheet neither runs nor splits', () => {
  const [names, note, distance] = toCsv(MARKS, { frame: FRAME, scale: SCALE, units: 'metric' }).split('\r\n');
  expect(names).toBe('id,kind,text,figure,amount,sigma,unit,scale_source,vertices_enu');
  expect(note).toContain(`"'=HYPERLINK(""https://example.com"")"`);
  expect(distance).toMatch(/^id-distance,distance,"Tor, 5 m\nbreit ä",direct,5,0\.0\d+,m,gps,enu 0 0 0; 3 4 0$/);
});

test('DXF is pairs of a code and a value, in which text stays on its line and is ASCII', () => {
  const lines = toDxf(MARKS, { frame: FRAME, scale: SCALE, units: 'metric' }).split('\r\n');
  expect(lines.pop()).toBe('');
  expect(lines).toHaveLength(2 * Math.floor(lines.length / 2));
  lines.filter((_, i) => i % 2 === 0).forEach((code) => expect(code).toMatch(/^\d+$/));
  expect(lines).toContain('Tor, 5 m breit \\U+00E4: 5.000 m');
  expect(lines.join('\n')).toMatch(/^[ -~\n]*$/);
  expect(lines.filter((line) => line === 'POLYLINE')).toHaveLength(2);
  expect(lines.at(-1)).toBe('EOF');
});

test('who reads feet saves feet: values, their sigma, coordinates, and the unit that a CAD program takes', () => {
  const written = { frame: FRAME, scale: SCALE, units: 'imperial' } as const;
  const [, , distance, , , area] = toCsv(MARKS, written).split('\r\n');
  expect(distance).toMatch(/direct,16\.404\d+,0\.\d+,ft,gps,enu 0 0 0; 9\.8425 13\.1234 0$/);
  expect(area).toMatch(/,area,86\.1\d+,[\d.]+,ft2,/); // 8 m²
  const lines = toDxf(MARKS, written).split('\r\n');
  expect(lines.slice(lines.indexOf('$INSUNITS'), lines.indexOf('$INSUNITS') + 3)).toEqual(['$INSUNITS', '70', '2']);
  expect(lines).toContain('Tor, 5 m breit \\U+00E4: 16.404 ft');
  const [, { geometry, properties }] = JSON.parse(toGeoJson(MARKS, written)!).features;
  expect(properties.values[0]).toMatchObject({ figure: 'direct', unit: 'ft' });
  expect(geometry.coordinates[0][2]).toBeCloseTo(600, 3);
  const unknown = { ...written, scale: { source: 'none', relativeSigma: null, factor: 1 } } as const;
  expect(toCsv(MARKS, unknown)).toContain(',5,');
});

test('a mark that lacks points has no values', () => {
  expect(readings(mark('area', [[0, 0, 0]]), FRAME, SCALE)).toEqual([]);
  expect(readings(mark('point', [[3, -2, 5]]), FRAME, SCALE).map(({ value }) => value.amount)).toEqual([3, 5, 2]);
});

test('values have as many digits as their sigma leaves, in metres and in feet', () => {
  expect(valueWords({ amount: 4.024, sigma: 0.031 }, 1, SCALE, 'metric')).toBe('4.02 ± 0.03 m');
  expect(valueWords({ amount: 4.024, sigma: 0.031 }, 1, SCALE, 'imperial')).toBe('13.20 ± 0.10 ft');
  expect(valueWords({ amount: 0.00312, sigma: 0.00041 }, 2, SCALE, 'metric')).toBe('0.0031 ± 0.0004 m²');
  expect(valueWords({ amount: 0.00112, sigma: 0.00025 }, 3, SCALE, 'metric')).toBe('0.0011 ± 0.0003 m³');
  expect(valueWords({ amount: 8, sigma: 0.3 }, 2, SCALE, 'imperial')).toBe('86 ± 3 ft²');
  const unknown = { source: 'none', relativeSigma: null, factor: 1 } as const;
  expect(valueWords({ amount: 4.024, sigma: 0.031 }, 1, unknown, 'imperial')).toBe('4.02 ± 0.03 units');
});

test('steps are undone and done again, and a new step forgets what was undone', () => {
  let history = step(step(begin(['a']), ['a', 'b']), ['a', 'b', 'c']);
  history = undo(history);
  expect(history.present).toEqual(['a', 'b']);
  expect(redo(history).present).toEqual(['a', 'b', 'c']);
  history = amend(step(history, ['x']), ['y']);
  expect(redo(history).present).toEqual(['y']);
  expect(undo(undo(undo(history))).present).toEqual(['a']);
});
