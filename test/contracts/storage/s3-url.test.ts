import fc from 'fast-check';
import { isArchive, s3Uri } from '../../../contracts/storage/location';
import { parseS3Url } from '../../../contracts/storage/s3-url';

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
  // A + is a space where S3 reads it in an address, and a plus where a key is taken as it stands.
  ['https://photos.s3.us-west-2.amazonaws.com/my+flight%2B1/', { bucket: 'photos', key: 'my flight+1/' }],
  ['https://s3.us-west-2.amazonaws.com/photos/my+flight%2B1/', { bucket: 'photos', key: 'my flight+1/' }],
  ['s3://photos/my+flight%2B1/', { bucket: 'photos', key: 'my+flight%2B1/' }],
  // Every endpoint of the same bucket.
  ['https://photos.s3.dualstack.us-west-2.amazonaws.com/a/', { bucket: 'photos', key: 'a/' }],
  ['https://s3.dualstack.eu-central-1.amazonaws.com/photos/a/', { bucket: 'photos', key: 'a/' }],
  ['https://photos.s3-accelerate.amazonaws.com/a/', { bucket: 'photos', key: 'a/' }],
  ['https://photos.s3-accelerate.dualstack.amazonaws.com/a/', { bucket: 'photos', key: 'a/' }],
  ['https://photos.s3-fips.us-gov-west-1.amazonaws.com/a/', { bucket: 'photos', key: 'a/' }],
  ['https://photos.s3-fips.dualstack.us-east-1.amazonaws.com/a/', { bucket: 'photos', key: 'a/' }],
  ['https://s3-us-west-2.amazonaws.com/photos/a/', { bucket: 'photos', key: 'a/' }],
  ['https://photos.s3.cn-north-1.amazonaws.com.cn/a/', { bucket: 'photos', key: 'a/' }],
  ['arn:aws:s3:::photos/my flight+1/', { bucket: 'photos', key: 'my flight+1/' }],
  ['arn:aws-us-gov:s3:::photos', { bucket: 'photos', key: '' }],
  // What the console's address bar holds.
  [
    'https://us-west-2.console.aws.amazon.com/s3/buckets/photos?region=us-west-2&bucketType=general&prefix=my+flight%2B1/&showversions=false',
    { bucket: 'photos', key: 'my flight+1/' },
  ],
  ['https://s3.console.aws.amazon.com/s3/buckets/photos/a/b/?region=eu-west-1', { bucket: 'photos', key: 'a/b/' }],
  [
    'https://s3.console.aws.amazon.com/s3/object/photos?region=eu-west-1&prefix=a/site.zip',
    { bucket: 'photos', key: 'a/site.zip' },
  ],
  [
    'https://123456789012-abcd1234.eu-west-1.console.aws.amazon.com/s3/buckets/photos?prefix=a/',
    { bucket: 'photos', key: 'a/' },
  ],
  // What a paste brings along, and how people write.
  ['s3://photos/a/ ', { bucket: 'photos', key: 'a/' }],
  [' \ts3://photos/a/\r\n', { bucket: 'photos', key: 'a/' }],
  ['\u00a0https://photos.s3.amazonaws.com/a/\u00a0', { bucket: 'photos', key: 'a/' }],
  ['S3://photos/A/', { bucket: 'photos', key: 'A/' }],
  ['HTTPS://photos.S3.amazonaws.com/A/', { bucket: 'photos', key: 'A/' }],
])('I12: %j names the place that it shows', (text, place) => {
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
  'https://evil.com/s3/buckets/photos?prefix=a/',
  'https://console.aws.amazon.com.evil.com/s3/buckets/photos?prefix=a/',
  'https://us-west-2.console.aws.amazon.com/ec2/home',
  'https://us-west-2.console.aws.amazon.com/s3/buckets/photos?prefix=..%2Fjobs%2F',
  'https://photos-1234.s3-accesspoint.us-west-2.amazonaws.com/x',
  'arn:aws:s3:us-west-2:123456789012:accesspoint/photos',
  's3://photos/a\nb',
  'https://photos.s3.amazonaws.com/a%2f..%2fjobs/',
  'https://photos.s3.amazonaws.com/a%0Ab/',
  'https://photos.s3.amazonaws.com/%E0%A4%A',
  `s3://photos/${'x'.repeat(1025)}`,
  `s3://photos/${'x'.repeat(3000)}`,
])('%j is refused with a reason', (text) => {
  expect(parseS3Url(text)).toMatch(/^must /);
});

test('I12: a signed link is refused in words that do not repeat the signature', () => {
  const signed = 'https://photos.s3.amazonaws.com/a.zip?X-Amz-Credential=AKIAEXAMPLE&X-Amz-Signature=0123abcd';
  const problem = parseS3Url(signed);
  expect(problem).toMatch(/^must not be a signed link/);
  expect(problem).not.toMatch(/AKIAEXAMPLE|0123abcd/);
  expect(parseS3Url('https://photos.s3.amazonaws.com/a.zip?AWSAccessKeyId=AKIA&Signature=x&Expires=1')).toBe(problem);
});

test('only an address that ends like an archive is one object, any other is a folder', () => {
  expect(isArchive({ key: 'a/photos.ZIP' })).toBe(true);
  expect(isArchive({ key: 'a/photos.zip/' })).toBe(false);
});

test('whatever is accepted reads back as itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      const place = parseS3Url(`s3://photos/${key}`);
      if (typeof place !== 'string') expect(parseS3Url(s3Uri(place))).toEqual(place);
    }),
  );
});
