import fc from 'fast-check';
import { isArchive, parseS3Url, s3Uri } from '../../../contracts/storage/location';

test.each([
  ['s3://photos/site-7/', { bucket: 'photos', key: 'site-7/' }],
  ['s3://photos/site-7', { bucket: 'photos', key: 'site-7/' }],
  ['s3://photos', { bucket: 'photos', key: '' }],
  ['s3://photos/a b/ü%20.zip', { bucket: 'photos', key: 'a b/ü%20.zip' }],
  ['https://photos.s3.amazonaws.com/x/site.zip', { bucket: 'photos', key: 'x/site.zip' }],
  ['https://my.photos.s3.us-west-2.amazonaws.com/site%207/', { bucket: 'my.photos', key: 'site 7/' }],
  ['https://photos.s3-eu-west-1.amazonaws.com/site.tar.gz', { bucket: 'photos', key: 'site.tar.gz' }],
  ['https://s3.us-west-2.amazonaws.com/photos/site/', { bucket: 'photos', key: 'site/' }],
  ['https://s3.amazonaws.com/photos', { bucket: 'photos', key: '' }],
])('%s names a place in S3', (text, place) => {
  expect(parseS3Url(text)).toEqual(place);
});

test.each([
  '',
  'photos/site',
  'ftp://photos/site',
  's3://',
  's3://Photos/x',
  's3://ph..otos/x',
  's3://photos/../jobs/',
  's3://photos/a/../b/',
  'http://photos.s3.amazonaws.com/x',
  'https://photos.s3.amazonaws.com.evil.com/x',
  'https://user@photos.s3.amazonaws.com/x',
  'https://photos.s3.amazonaws.com:444/x',
  'https://photos.s3.amazonaws.com/x?versionId=1',
  'https://evil.com/photos',
  's3://photos/a\nb',
  'https://photos.s3.amazonaws.com/a%2f..%2fjobs/',
  'https://photos.s3.amazonaws.com/%E0%A4%A',
  `s3://photos/${'x'.repeat(1025)}`,
])('%j is refused', (text) => {
  expect(parseS3Url(text)).toBeNull();
});

test('only an address that ends like an archive is one object, any other is a folder', () => {
  expect(isArchive({ bucket: 'b', key: 'a/photos.ZIP' })).toBe(true);
  expect(isArchive({ bucket: 'b', key: 'a/photos.zip/' })).toBe(false);
});

test('whatever is accepted reads back as itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      const place = parseS3Url(`s3://photos/${key}`);
      if (place !== null) expect(parseS3Url(s3Uri(place))).toEqual(place);
    }),
  );
});
