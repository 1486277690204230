import { jobName } from '../../../contracts/job/words';

const nameOf = (key: string, name: string | null = null): string =>
  jobName({ name, location: { bucket: 'photos', key } });

test.each([
  ['flight/', 'flight'],
  ['farm/2026/north field/', 'north field'],
  ['farm//', 'farm'],
  ['farm/barn.zip', 'barn'],
  ['farm/barn.TAR.GZ', 'barn'],
  ['farm/barn.zip/', 'barn'],
  ['farm/.zip', 'photos'],
  ['', 'photos'],
  ['飛行/畑/', '畑'],
  ['a\u202egnp/', 'a gnp'],
])('without a name, photos at %j are called %j', (key, name) => {
  expect(nameOf(key)).toBe(name);
});

test('a given name comes first, and a long one of a folder is cut between characters', () => {
  expect(nameOf('flight/', 'North field')).toBe('North field');
  const long = nameOf(`${'🛸'.repeat(150)}/`);
  expect(Array.from(long)).toHaveLength(100);
  expect(long.endsWith('🛸…')).toBe(true);
});
