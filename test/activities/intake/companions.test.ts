import { companionsLeftOut, type Shot } from '../../../activities/intake/companions';

const shot = (name: string, width: number, height: number, more: Partial<Shot> = {}): Shot => ({
  name,
  width,
  height,
  camera: 'DJI M3T',
  takenAt: null,
  focalLength35mm: null,
  thermal: false,
  ...more,
});
const numbers = Array.from({ length: 6 }, (_, index) => index);
const each = (make: (index: number) => Shot): Shot[] => numbers.map(make);
const colour = each((i) => shot(`DJI_${i}_V.JPG`, 4000, 3000));
const leftOut = (...shots: Shot[]): string[] => [...companionsLeftOut(shots, 3).keys()].sort();
const names = (shots: readonly Shot[]): string[] => shots.map(({ name }) => name).sort();
const time = (second: number): string => `2026:05:01 10:00:${String(second).padStart(2, '0')}`;

test('S09: of thermal and colour pairs the thermal ones are left out, each with its companion', () => {
  const thermal = each((i) => shot(`DJI_${i}_T.JPG`, 640, 512));
  const reasons = companionsLeftOut([...colour, ...thermal], 3);
  expect([...reasons.keys()].sort()).toEqual(names(thermal));
  expect(reasons.get('DJI_3_T.JPG')).toBe('a thermal picture (640 x 512): DJI_3_V.JPG shows the same moment in colour');
});

test('S09: a thermal picture whose colour one is missing is left out with the others', () => {
  const thermal = each((i) => shot(`DJI_${i}_T.JPG`, 640, 512));
  const reasons = companionsLeftOut([...colour.slice(1), ...thermal], 3);
  expect(reasons.get('DJI_0_T.JPG')).toBe('a thermal picture (640 x 512): the colour photos make the scene');
});

test('S09: pairs are told by their names also where they have nearly one size, or folders of their own', () => {
  const resized = each((i) => shot(`DJI_${i}_V.JPG`, 1280, 960));
  const thermal = each((i) => shot(`DJI_${i}_T.JPG`, 1280, 1024));
  expect(leftOut(...resized, ...thermal)).toEqual(names(thermal));
  const words = each((i) => shot(`IMG_${i}-thermal.jpg`, 640, 480));
  expect(leftOut(...each((i) => shot(`IMG_${i}-visible.jpg`, 4000, 3000)), ...words)).toEqual(names(words));
});

test('S09: pairs without suffixes are told by the second that one drone took them in', () => {
  const odd = each((i) => shot(`DJI_${2 * i + 1}.JPG`, 4056, 3040, { takenAt: time(3 * i) }));
  const even = each((i) => shot(`DJI_${2 * i + 2}.JPG`, 640, 480, { takenAt: time(3 * i + 1) }));
  expect(leftOut(...odd, ...even)).toEqual(names(even));
  const byPhone = even.map((photo) => ({ ...photo, camera: 'Phone' }));
  expect(leftOut(...odd, ...byPhone)).toEqual([]);
});

test('S09: pictures that say that they are thermal are left out beside as many colour ones', () => {
  const flir = each((i) => shot(`FLIR${i}.jpg`, 640, 512, { thermal: true, camera: 'FLIR' }));
  expect(leftOut(...colour, ...flir)).toEqual(names(flir));
  expect(leftOut(...colour.slice(0, 2), ...flir)).toEqual([]);
});

test('S09: thermal photos alone make a scene', () => {
  const thermal = each((i) => shot(`DJI_${i}_T.JPG`, 640, 512, { thermal: true }));
  expect(leftOut(...thermal)).toEqual([]);
  expect(leftOut(...thermal, shot('DJI_0_V.JPG', 4000, 3000))).toEqual([]);
});

test('S09: nothing is left out where too few would remain', () => {
  expect(leftOut(...colour.slice(0, 2), shot('DJI_0_T.JPG', 640, 512), shot('DJI_1_T.JPG', 640, 512))).toEqual([]);
});

test('S09: two ordinary cameras of different sizes in one flight are both used', () => {
  const wide = each((i) => shot(`A_${i}.JPG`, 6000, 4000, { camera: 'A', takenAt: time(i) }));
  const small = each((i) => shot(`B_${i}.JPG`, 2000, 1500, { camera: 'B', takenAt: time(i) }));
  expect(leftOut(...wide, ...small)).toEqual([]);
  const portrait = each((i) => shot(`C_${i}.JPG`, 3000, 4000));
  expect(leftOut(...colour, ...portrait)).toEqual([]);
});

test('S09: two sizes of one camera from different parts of a flight are both used', () => {
  const before = each((i) => shot(`DJI_${i}.JPG`, 4000, 3000, { takenAt: time(i) }));
  const after = each((i) => shot(`DJI_${i + 10}.JPG`, 2000, 1500, { takenAt: time(i + 30) }));
  expect(leftOut(...before, ...after)).toEqual([]);
});

test('S09: photos that an export gave one and the same time are no pairs', () => {
  const large = each((i) => shot(`a${i}.JPG`, 4000, 3000, { takenAt: time(0) }));
  const small = each((i) => shot(`b${i}.JPG`, 1000, 750, { takenAt: time(0) }));
  expect(leftOut(...large, ...small)).toEqual([]);
});

test('S09: a zoomed picture is left out beside the wide one, however many pixels it has', () => {
  const wide = each((i) => shot(`DJI_${i}_W.JPG`, 4000, 3000, { focalLength35mm: 24 }));
  const zoomed = each((i) => shot(`DJI_${i}_Z.JPG`, 8000, 6000, { focalLength35mm: 113 }));
  const thermal = each((i) => shot(`DJI_${i}_T.JPG`, 640, 512, { focalLength35mm: 40 }));
  const reasons = companionsLeftOut([...wide, ...zoomed, ...thermal], 3);
  expect([...reasons.keys()].sort()).toEqual(names([...zoomed, ...thermal]));
  expect(reasons.get('DJI_1_Z.JPG')).toBe('a zoomed picture: DJI_1_W.JPG shows the same moment and more of it');
  expect(reasons.get('DJI_1_T.JPG')).toContain('DJI_1_W.JPG');
  const hardly = zoomed.map((photo) => ({ ...photo, focalLength35mm: 28 }));
  expect(leftOut(...wide, ...hardly)).toEqual([]);
});

test('S09: bands of a multispectral camera and smaller copies beside the photos are left out', () => {
  const photos = each((i) => shot(`DJI_${i}_D.JPG`, 5280, 3956));
  const bands = ['MS_G', 'MS_NIR', 'MS_RE'].flatMap((band) => each((i) => shot(`DJI_${i}_${band}.JPG`, 2592, 1944)));
  expect(leftOut(...photos, ...bands)).toEqual(names(bands));
  const copies = each((i) => shot(`DJI_${i}_small.jpg`, 1024, 768));
  const reasons = companionsLeftOut([...each((i) => shot(`DJI_${i}.JPG`, 4000, 3000)), ...copies], 3);
  expect(reasons.get('DJI_2_small.jpg')).toBe(
    'a smaller picture (1024 x 768) of the same moment as DJI_2.JPG, by a second camera or a copy',
  );
});
