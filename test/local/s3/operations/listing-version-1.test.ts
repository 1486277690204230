/** Listings of version 1, by which older clients list, with the AWS SDK. */
import { ListObjectsCommand, type ListObjectsCommandInput, type ListObjectsCommandOutput } from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, refusalOf } from '../harness';

const bucket = new BucketUnderTest();
const KEYS = ['asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/bla', 'cquux/thud', 'foo+1', 'quux ab/é'];

beforeAll(async () => {
  await bucket.start();
  for (const key of KEYS) await bucket.put(key, 'hello');
});
afterAll(() => bucket.remove());

const list = (query: Omit<ListObjectsCommandInput, 'Bucket'> = {}): Promise<ListObjectsCommandOutput> =>
  bucket.send(new ListObjectsCommand({ Bucket: BUCKET, ...query }));
const keysOf = ({ Contents = [] }: ListObjectsCommandOutput): string[] => Contents.map(({ Key }) => Key!);
const prefixesOf = ({ CommonPrefixes = [] }: ListObjectsCommandOutput): string[] =>
  CommonPrefixes.map(({ Prefix }) => Prefix!);

test('A05: a client that lists with version 1 sees every key, with size, ETag, time and owner', async () => {
  const answer = await list();

  expect(keysOf(answer)).toEqual(KEYS);
  expect(answer).toMatchObject({ Name: BUCKET, Prefix: '', Marker: '', MaxKeys: 1000, IsTruncated: false });
  expect(answer.Contents![0]).toMatchObject({
    Size: 5,
    ETag: '"5d41402abc4b2a76b9719d911017c592"',
    StorageClass: 'STANDARD',
    Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  });
  expect(answer.Contents![0]!.LastModified).toBeInstanceOf(Date);
});

test('A05: without a delimiter the last key is the next marker, and none is named', async () => {
  const first = await list({ MaxKeys: 3 });
  const second = await list({ MaxKeys: 4, Marker: keysOf(first).at(-1) });

  expect([first.IsTruncated, first.NextMarker]).toEqual([true, undefined]);
  expect([second.IsTruncated, second.Marker]).toEqual([false, 'boo/baz/xyzzy']);
  expect([...keysOf(first), ...keysOf(second)]).toEqual(KEYS);
});

test('A05: with a delimiter each page names the next marker, a key or a common prefix', async () => {
  const pages: unknown[] = [];
  let marker: string | undefined;
  do {
    const page = await list({ Delimiter: '/', MaxKeys: 1, Marker: marker });
    pages.push([...keysOf(page), ...prefixesOf(page), page.NextMarker]);
    marker = page.NextMarker;
  } while (marker !== undefined);

  expect(pages).toEqual([
    ['asdf', 'asdf'],
    ['boo/', 'boo/'],
    ['cquux/', 'cquux/'],
    ['foo+1', 'foo+1'],
    ['quux ab/', undefined],
  ]);
});

test('A05: a prefix and a delimiter list one folder', async () => {
  const answer = await list({ Prefix: 'boo/', Delimiter: '/' });

  expect([keysOf(answer), prefixesOf(answer), answer.Delimiter]).toEqual([['boo/bar'], ['boo/baz/'], '/']);
});

test.each([
  ['a key that is not there', { Marker: 'boo/b' }, ['boo/bar', 'boo/baz/xyzzy', 'cquux/bla']],
  ['one after all keys', { Marker: 'zzz' }, []],
  ['the empty one', { Marker: '' }, ['asdf', 'boo/bar', 'boo/baz/xyzzy']],
  ['one before the prefix', { Marker: 'a', Prefix: 'cquux/' }, ['cquux/bla', 'cquux/thud']],
])('A05: a marker may be %s', async (_name, query, expected) => {
  expect(keysOf(await list({ ...query, MaxKeys: 3 }))).toEqual(expected);
});

test('A05: a marker below a common prefix is past that prefix', async () => {
  expect(prefixesOf(await list({ Delimiter: '/', Marker: 'boo/bar' }))).toEqual(['cquux/', 'quux ab/']);
});

test('A05: a listing that is encoded has keys, prefixes and markers in percent-encoding', async () => {
  const answer = await list({ Delimiter: '/', EncodingType: 'url', MaxKeys: 5, Marker: 'cquux/' });
  const cut = await list({ Delimiter: '/', EncodingType: 'url', MaxKeys: 1, Marker: 'cquux/' });

  expect(answer.EncodingType).toBe('url');
  expect([keysOf(answer), prefixesOf(answer)]).toEqual([['foo%2B1'], ['quux%20ab/']]);
  expect([answer.Marker, cut.NextMarker]).toEqual(['cquux/', 'foo%2B1']);
});

test('A05: no keys at most is an empty listing that is complete', async () => {
  const answer = await list({ MaxKeys: 0 });

  expect([keysOf(answer), answer.IsTruncated, answer.MaxKeys]).toEqual([[], false, 0]);
});

test('A05: more than 1000 keys at most are 1000', async () => {
  expect((await list({ MaxKeys: 5000 })).MaxKeys).toBe(1000);
});

test.each([
  ['max-keys', 'blah'],
  ['max-keys', '-1'],
  ['max-keys', '1e3'],
  ['max-keys', '99999999999'],
  ['encoding-type', 'base64'],
])('A05: %s=%s is InvalidArgument, in both versions', async (name, value) => {
  for (const version of [{}, { 'list-type': '2' }]) {
    const command = new ListObjectsCommand({ Bucket: BUCKET });
    command.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { query: Record<string, string> }).query, version, { [name]: value });
        return next(args);
      },
      { step: 'build' },
    );
    expect(await refusalOf(bucket.send(command))).toEqual({ name: 'InvalidArgument', status: 400 });
  }
});

test('A05: a bucket that does not exist is NoSuchBucket', async () => {
  expect(await refusalOf(bucket.send(new ListObjectsCommand({ Bucket: 'nowhere-at-all' })))).toEqual({
    name: 'NoSuchBucket',
    status: 404,
  });
});
