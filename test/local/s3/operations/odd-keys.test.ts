/** Keys that are no file names: each is put, got, listed, linked to, copied and deleted. */
import { CopyObjectCommand, DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BUCKET, BucketUnderTest, refusalOf } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('odd keys', () => {
  const ODD_KEYS = [
    'odd/with space and + plus',
    'odd/100%',
    'odd/%2F%2e%2e',
    'odd/../../escape',
    'odd//double//slash',
    'odd/trailing/',
    'odd/ünïcödé 写真 🛩️.jpg',
    `odd/'quotes"&<>`,
    'odd/?query=1#fragment',
    'odd/*!()',
    'odd/~tilde',
    'odd/__proto__',
    'odd/line\nbreak',
    'odd/ leading and trailing ',
    'odd/=&;,:@$',
  ];

  test.each(ODD_KEYS.map((key) => [key]))('%j is put, got, listed, copied and deleted', async (key) => {
    await bucket.put(key, `content of ${key}`);
    expect((await bucket.bytesOf(key)).toString()).toBe(`content of ${key}`);
    expect(await bucket.keysBelow(key)).toEqual([key]);
    const { Contents: encoded = [] } = await bucket.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key, EncodingType: 'url' }),
    );
    expect(decodeURIComponent(encoded[0]!.Key!)).toBe(key);

    await bucket.send(
      new CopyObjectCommand({
        Bucket: BUCKET,
        Key: `copy-of-${key}`,
        CopySource: `${BUCKET}/${encodeURIComponent(key)}`,
      }),
    );
    expect((await bucket.bytesOf(`copy-of-${key}`)).toString()).toBe(`content of ${key}`);

    await bucket.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: key }, { Key: `copy-of-${key}` }] } }),
    );
    expect(await bucket.keysBelow(key)).toEqual([]);
  });

  // Every URL parser resolves `..`, so no client can follow a link to such a key.
  test.each(ODD_KEYS.filter((key) => !key.includes('..')).map((key) => [key]))('%j can be linked to', async (key) => {
    await bucket.put(`link/${key}`, `content of ${key}`);

    const answer = await fetch(
      await getSignedUrl(bucket.client, new GetObjectCommand({ Bucket: BUCKET, Key: `link/${key}` })),
    );

    expect(await answer.text()).toBe(`content of ${key}`);
  });

  test('a key of more than 1024 bytes is refused', async () => {
    expect(await refusalOf(bucket.put('é'.repeat(513)))).toEqual({ name: 'KeyTooLongError', status: 400 });
  });
});
