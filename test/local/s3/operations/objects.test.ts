/** Putting and getting objects, with the AWS SDK. */
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type ChecksumAlgorithm } from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, patternBytes, refusalOf } from '../harness';

const MIB = 1024 * 1024;
const EVERY_ALGORITHM: ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];
const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('putting and getting', () => {
  test('a buffer comes back with its type, headers and user metadata', async () => {
    const Body = patternBytes(100_000);
    await bucket.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'put/buffer',
        Body,
        ContentType: 'image/jpeg',
        ContentEncoding: 'gzip',
        CacheControl: 'max-age=60',
        Metadata: { camera: 'FC6310', note: 'a b' },
      }),
    );

    const answer = await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'put/buffer' }));

    expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(Body)).toBe(true);
    expect(answer).toMatchObject({
      ContentType: 'image/jpeg',
      ContentEncoding: 'gzip',
      CacheControl: 'max-age=60',
      Metadata: { camera: 'FC6310', note: 'a b' },
      ContentLength: 100_000,
    });
  });

  test('a stream of known length comes back without its aws-chunked framing', async () => {
    const bytes = patternBytes(300_000);
    await bucket.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'put/stream',
        Body: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]),
        ContentLength: bytes.length,
        ContentEncoding: 'br',
      }),
    );

    const answer = await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'put/stream' }));

    expect((await bucket.bytesOf('put/stream')).equals(bytes)).toBe(true);
    expect(answer.ContentEncoding).toBe('br');
  });

  test('an empty object is an object', async () => {
    await bucket.put('put/empty', Buffer.alloc(0));

    expect(await bucket.bytesOf('put/empty')).toHaveLength(0);
    expect((await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'put/empty' }))).ContentLength).toBe(0);
  });

  test('a client without checksums stores the same bytes', async () => {
    await bucket.linkSigner.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'put/plain', Body: 'plain' }));

    expect((await bucket.bytesOf('put/plain')).toString()).toBe('plain');
  });

  test('a body that makes the client wait for 100 Continue is taken', async () => {
    const bytes = patternBytes(5 * MIB);
    await bucket.put('put/continued', bytes);

    expect((await bucket.bytesOf('put/continued')).equals(bytes)).toBe(true);
  });

  test('the ETag is the MD5 of the bytes', async () => {
    const { ETag } = await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'put/etag', Body: 'hello' }));

    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  });

  test('putting again replaces bytes and metadata', async () => {
    await bucket.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'put/twice', Body: 'first', Metadata: { version: '1' } }),
    );
    await bucket.put('put/twice', 'second');

    const answer = await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'put/twice' }));

    expect(await answer.Body!.transformToString()).toBe('second');
    expect(answer.Metadata).toEqual({});
  });

  test('a missing key is NoSuchKey', async () => {
    expect(await refusalOf(bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'no/such' })))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
    expect(await refusalOf(bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'no/such' })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
  });

  test('a replaced object is still read to its end by who was reading it', async () => {
    const bytes = patternBytes(8 * MIB);
    await bucket.put('put/replaced', bytes);
    const { Body } = await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'put/replaced' }));

    await bucket.put('put/replaced', 'new');

    expect(Buffer.from(await Body!.transformToByteArray()).equals(bytes)).toBe(true);
    expect((await bucket.bytesOf('put/replaced')).toString()).toBe('new');
  });
});

describe('checksums', () => {
  test.each(EVERY_ALGORITHM)('%s of a buffer is verified, kept and returned', async (ChecksumAlgorithm) => {
    const Key = `checksum/buffer-${ChecksumAlgorithm}`;
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: patternBytes(70_000), ChecksumAlgorithm }));

    const answer = await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));

    // The SDK itself verifies the returned checksum while the body is read.
    expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(patternBytes(70_000))).toBe(true);
    expect(answer[`Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32']).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });

  test.each(EVERY_ALGORITHM)('%s in the trailer of a stream is verified and kept', async (ChecksumAlgorithm) => {
    const Key = `checksum/stream-${ChecksumAlgorithm}`;
    const bytes = patternBytes(70_000);
    await bucket.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key,
        Body: Readable.from([bytes]),
        ContentLength: bytes.length,
        ChecksumAlgorithm,
      }),
    );

    const head = await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));

    expect(head[`Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32']).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect((await bucket.bytesOf(Key)).equals(bytes)).toBe(true);
  });

  test('a wrong checksum is BadDigest and leaves no object', async () => {
    const call = bucket.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'checksum/wrong',
        Body: 'hello',
        ChecksumSHA256: Buffer.alloc(32).toString('base64'),
      }),
    );

    expect(await refusalOf(call)).toEqual({ name: 'BadDigest', status: 400 });
    expect(await bucket.exists('checksum/wrong')).toBe(false);
  });

  test('a wrong checksum leaves the object that was there', async () => {
    await bucket.put('checksum/kept', 'good');
    await refusalOf(
      bucket.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: 'checksum/kept', Body: 'bad', ChecksumCRC32: 'AAAAAA==' }),
      ),
    );

    expect((await bucket.bytesOf('checksum/kept')).toString()).toBe('good');
  });

  test('a wrong Content-MD5 is BadDigest, a malformed one InvalidDigest', async () => {
    const putWith = (ContentMD5: string): Promise<unknown> =>
      bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'checksum/md5', Body: 'hello', ContentMD5 }));

    expect(await refusalOf(putWith('AAAAAAAAAAAAAAAAAAAAAA=='))).toEqual({ name: 'BadDigest', status: 400 });
    expect(await refusalOf(putWith('short'))).toEqual({ name: 'InvalidDigest', status: 400 });
    await putWith('XUFAKrxLKna5cZ2REBfFkg==');
  });
});
