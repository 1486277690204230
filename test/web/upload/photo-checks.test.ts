import { checkPhotos, type Found, type FoundPhoto } from '../../../web/upload/checks/photo-checks';
import type { PhotoFacts } from '../../../web/upload/checks/photo-facts';
import { pathShape } from '../../../web/map/path-shape';
import { planePoints } from '../../../web/upload/checks/places';

const NOW = Date.UTC(2026, 10, 26);

/** A flight north along the meridian of 8 degrees, a photo every 11 m and 5 s. */
const photo = (index: number, changes: Partial<PhotoFacts> = {}): FoundPhoto => ({
  name: `DJI_${String(index).padStart(4, '0')}.JPG`,
  bytes: 8_000_000,
  copyOf: null,
  facts: {
    format: 'jpg',
    pixels: { width: 4000, height: 3000 },
    camera: 'DJI FC3582',
    takenAt: `2026:11:21 10:${String(Math.floor(index / 12)).padStart(2, '0')}:${String((index % 12) * 5).padStart(2, '0')}`,
    focalLength35mm: 24,
    thermal: false,
    flaw: null,
    gps: { latitude: 47 + index * 1e-4, longitude: 8, altitude: 450 + (index % 3) },
    ...changes,
  },
});
const flight = (count = 30, changes: (index: number) => Partial<PhotoFacts> = () => ({})): FoundPhoto[] =>
  Array.from({ length: count }, (_, index) => photo(index, changes(index)));
const check = (photos: readonly FoundPhoto[], more: Partial<Found> = {}) =>
  checkPhotos({ photos, positionFiles: [], leftOut: [], archive: null, setProblem: null, ...more }, NOW);
const codes = (...args: Parameters<typeof check>): string[] =>
  check(...args).findings.map(({ severity, code, count }) => `${severity} ${code} ${count}`);

test('of a good flight nothing is said but its figures', () => {
  expect(check(flight())).toMatchObject({
    photos: 30,
    bytes: 240_000_000,
    cameras: [{ what: 'DJI FC3582', count: 30 }],
    sizes: [{ what: '4000 × 3000', count: 30 }],
    megapixels: 12,
    taken: { from: '2026-11-21 10:00', to: '2026-11-21 10:02' },
    withGps: 30,
    altitude: { low: 450, high: 452 },
    findings: [],
    canStart: true,
  });
  expect(check(flight()).extentM).toBeCloseTo(29 * 11.12, 0);
});

test('the path runs in the order in which photos were taken', () => {
  const { path } = check(flight().toReversed());
  expect(path.map(({ latitude }) => latitude)).toEqual(flight().map(({ facts }) => facts!.gps!.latitude));
});

test.each<[string, FoundPhoto[], string[]]>([
  ['no photo', [], ['stop noPhotos 1']],
  ['four photos', flight(4), ['stop tooFew 4']],
  ['twelve photos', flight(12), ['warning fewPhotos 12']],
  ['no position', flight(30, () => ({ gps: null })), ['warning noGps 30']],
  ['positions on half of the photos', flight(30, (at) => (at % 2 ? { gps: null } : {})), ['warning someGps 15']],
  ['a receiver without a fix', flight(30, (at) => (at < 2 ? { gps: null, flaw: 'zero' } : {})), ['warning zeroGps 2']],
  [
    'hemispheres that are missing',
    flight(30, () => ({ gps: null, flaw: 'unsigned' })),
    ['warning unsignedGps 30', 'warning noGps 30'],
  ],
  [
    'a hemisphere that is exchanged on some',
    flight(30, (at) => (at < 3 ? { gps: { latitude: -47 - at * 1e-4, longitude: 8, altitude: 450 } } : {})),
    ['warning mirroredGps 3'],
  ],
  [
    'a photo of another place',
    [...flight(), photo(40, { gps: { latitude: 48, longitude: 8, altitude: 450 } })],
    ['warning farGps 1'],
  ],
  [
    'a receiver that hangs',
    flight(30, () => ({ gps: { latitude: 47, longitude: 8, altitude: 4 } })),
    ['warning onePlace 30'],
  ],
  [
    'no altitudes',
    flight(30, (at) => ({ gps: { latitude: 47 + at * 1e-4, longitude: 8, altitude: null } })),
    ['warning noAltitude 30'],
  ],
  ['HEIC called .jpg', flight(30, (at) => (at < 5 ? { format: 'heic', pixels: null } : {})), ['warning otherFormat 5']],
  ['what is no picture', flight(30, (at) => (at < 5 ? { format: null, pixels: null } : {})), ['warning unreadable 5']],
  ['pictures for a page', flight(30, () => ({ pixels: { width: 1280, height: 720 } })), ['warning lowResolution 30']],
  ['thumbnails', flight(30, (at) => (at < 5 ? { pixels: { width: 60, height: 40 } } : {})), ['warning tooSmall 5']],
  [
    'two cameras',
    flight(30, (at) => (at < 5 ? { camera: 'FLIR', thermal: true } : {})),
    ['warning thermal 5', 'note cameras 2'],
  ],
  ['two days', flight(30, (at) => (at < 5 ? { takenAt: '2026:11:20 10:00:00' } : {})), ['warning days 30']],
  [
    'a clock that was never set',
    flight(30, (at) => (at < 5 ? { takenAt: '1970:01:01 00:00:09' } : {})),
    ['warning clock 5'],
  ],
])('%s is told', (_what, photos, said) => {
  expect(codes(photos)).toEqual(said);
});

test('across the 180th meridian and around the equator a flight is one', () => {
  const over = flight(30, (at) => {
    const longitude = 179.9995 + at * 1e-4;
    return {
      gps: { latitude: (at - 15) * 1e-4, longitude: longitude > 180 ? longitude - 360 : longitude, altitude: 9 },
    };
  });
  expect(codes(over)).toEqual([]);
  const shape = pathShape(planePoints(check(over).path), { width: 300, height: 200, margin: 10 });
  expect(shape!.scale).toEqual({ metres: 100, length: expect.closeTo((100 / 322) * 180, 0) });
  for (const { x, y } of shape!.points) expect([x > 9.9 && x < 290.1, y > 9.9 && y < 190.1]).toEqual([true, true]);
});

test('positions in a file beside the photos take the place of their own', () => {
  expect(
    codes(
      flight(30, () => ({ gps: null })),
      { positionFiles: ['geo.txt'] },
    ),
  ).toEqual(['note positionFiles 1']);
});

test('copies and what is left out are counted, and copies are not sent', () => {
  const copy = { ...photo(1), name: 'copy.jpg', copyOf: 'DJI_0001.JPG' };
  const report = check([...flight(), copy], {
    leftOut: [
      { name: '.DS_Store', why: 'junk', detail: '' },
      { name: 'a.dng', why: 'kind', detail: '.dng' },
      { name: 'b.dng', why: 'kind', detail: '.dng' },
      { name: 'c.jpg', why: 'rule', detail: 'is 0: the file is empty' },
      { name: 'd.jpg', why: 'same name', detail: '' },
    ],
  });
  expect(report).toMatchObject({ photos: 30, bytes: 240_000_000, canStart: true });
  expect(report.findings.map(({ code, count, names }) => [code, count, names])).toEqual([
    ['sameName', 1, ['d.jpg']],
    ['brokenRule', 1, ['c.jpg: is 0: the file is empty']],
    ['copies', 1, ['copy.jpg = DJI_0001.JPG']],
    ['otherKinds', 2, ['.dng (2)']],
    ['junk', 1, ['.DS_Store']],
  ]);
});

test('an archive that only the server can open may be sent, and a damaged ZIP may not', () => {
  const archive = (state: NonNullable<Found['archive']>['state']) => check([], { archive: { name: 'a.tar', state } });
  expect(archive('unseen')).toMatchObject({ canStart: true, findings: [{ code: 'unseenArchive' }] });
  expect(archive('damaged')).toMatchObject({ canStart: false, findings: [{ code: 'archiveUnreadable' }] });
});
