import { PhotoNames } from '../../../activities/intake/photo-names';

const taken = (...paths: string[]): (string | null)[] => {
  const names = new PhotoNames();
  return paths.map((path) => names.take(path).name);
};

test.each([
  ['DJI_0019.JPG', 'DJI_0019.JPG'],
  ['strip 2/Fjord Ø, été.JPG', 'strip 2/Fjord Ø, été.JPG'],
  ['a+b & c=#1?.jpg', 'a+b & c=#1?.jpg'],
  ['trailing blank .jpg ', 'trailing blank .jpg '],
  ['ends with a dot./x.jpg', 'ends with a dot./x.jpg'],
])('I03: %j is a file name as it is', (path, name) => {
  expect(taken(path)).toEqual([name]);
});

test.each([
  ['/DJI_0019.JPG', 'DJI_0019.JPG'],
  ['//DJI_0019.JPG', 'DJI_0019.JPG'],
  ['a//b/./c.jpg', 'a/b/c.jpg'],
  ['./a.jpg', 'a.jpg'],
  ['flight\\a.jpg', 'flight/a.jpg'],
  ['C:\\flight\\a.jpg', 'flight/a.jpg'],
  ['a\bb.jpg', 'a_b.jpg'],
  ['a\r\nb\0.jpg', 'a__b_.jpg'],
  ['a\u2028b.jpg', 'a_b.jpg'],
])('I03: %j becomes %j', (path, name) => {
  expect(taken(path)).toEqual([name]);
});

test('I03: names that only differ for some file systems are told apart', () => {
  expect(taken('a.jpg', '/a.jpg', 'A.JPG', 'a.jpg')).toEqual(['a.jpg', 'a-2.jpg', 'A-3.JPG', 'a-4.jpg']);
  const composed = 'caf\u00e9.jpg';
  expect(taken(composed, composed.normalize('NFD'))[1]).toBe('cafe\u0301-2.jpg');
});

test('I03: a file where another needs a folder', () => {
  expect(taken('a', 'a/b.jpg', 'a/c/d.jpg')).toEqual(['a', 'b.jpg', 'd.jpg']);
  expect(taken('a/b.jpg', 'a', 'A')).toEqual(['a/b.jpg', 'a-2', 'A-3']);
});

test('I04: names of up to 255 bytes are used, longer ones are left out with the reason', () => {
  const longest = `${'x'.repeat(251)}.jpg`;
  const japanese = `${'測'.repeat(83)}16.jpg`;
  expect(taken(longest, japanese)).toEqual([longest, japanese]);
  expect(new PhotoNames().take(`${'x'.repeat(252)}.jpg`)).toEqual({
    name: null,
    reason: 'a name in its path is longer than 255 bytes: rename it',
  });
  expect(taken(`${'測'.repeat(90)}/a.jpg`)).toEqual([null]);
});

test('I04: a number that makes a name unique does not make it too long', () => {
  const [, second = ''] = taken(`${'測'.repeat(83)}.jpg`, `/${'測'.repeat(83)}.jpg`);
  expect(second).toMatch(/^測+-2\.jpg$/);
  expect(Buffer.byteLength(second ?? '')).toBeLessThanOrEqual(255);
});

test('I04: a path that is too long as a whole loses its folders', () => {
  const deep = `${'d'.repeat(200)}/`.repeat(5);
  expect(taken(`${deep}a.jpg`, `${deep}b/a.jpg`)).toEqual(['a.jpg', 'a-2.jpg']);
});

test('I03: a path that leads out of its folder is left out with the reason', () => {
  expect(new PhotoNames().take('a/../../b.jpg').reason).toBe('its path leads out of its folder ("..")');
  expect(taken('..\\b.jpg', '/', '')).toEqual([null, null, null]);
});

test('names that were given out stay as they are when they are given again', () => {
  const given = taken('/a.jpg', 'a.jpg', 'b', 'b/c.jpg', `${'d'.repeat(200)}/`.repeat(5) + 'e.jpg') as string[];
  expect(taken(...given)).toEqual(given);
});
