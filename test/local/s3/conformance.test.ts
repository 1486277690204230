/** The endpoint against the real AWS SDK: what the product does, and what a client may get wrong. */
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ChecksumAlgorithm,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  ACCESS_KEY_ID,
  BUCKET,
  PAGE_ORIGIN,
  patternBytes,
  refusalOf,
  removeFolder,
  send,
  startS3,
  type RunningS3,
} from './harness';

const MIB = 1024 * 1024;
const EVERY_ALGORITHM: ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

let s3: RunningS3;
let client: S3Client;
/** Signs uploads for browsers: aws.md, the default would sign the checksum of an empty body. */
let linkSigner: S3Client;

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client();
  linkSigner = s3.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

afterAll(async () => {
  await s3.close();
  await removeFolder(s3.root);
});

async function put(Key: string, Body: string | Buffer = 'x'): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
}

async function bytesOf(Key: string, from = client): Promise<Buffer> {
  const { Body } = await from.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body!.transformToByteArray());
}

async function exists(Key: string): Promise<boolean> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: Key }));
  return Contents.some((object) => object.Key === Key);
}

async function keysBelow(Prefix: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
  return Contents.map(({ Key }) => Key!);
}

describe('buckets', () => {
  test('a bucket that exists is found and listed, one that does not is NotFound', async () => {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));

    expect(Buckets.map(({ Name }) => Name)).toContain(BUCKET);
    await client.send(new HeadBucketCommand({ Bucket: BUCKET }));
    expect(await refusalOf(client.send(new HeadBucketCommand({ Bucket: 'nowhere-at-all' })))).toMatchObject({
      status: 404,
    });
    expect(
      await refusalOf(client.send(new PutObjectCommand({ Bucket: 'nowhere-at-all', Key: 'k', Body: 'x' }))),
    ).toEqual({ name: 'NoSuchBucket', status: 404 });
  });

  test('creating a bucket twice says that it is already yours', async () => {
    expect(await refusalOf(client.send(new CreateBucketCommand({ Bucket: BUCKET })))).toEqual({
      name: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
  });

  test('a bucket name that is not one is refused', async () => {
    for (const name of ['Upper', 'ab', 'a..b', '-ab', '.hidden']) {
      expect(await refusalOf(client.send(new CreateBucketCommand({ Bucket: name })))).toMatchObject({
        name: 'InvalidBucketName',
      });
    }
  });

  test('only an empty bucket can be deleted', async () => {
    const Bucket = 'short-lived';
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));

    expect(await refusalOf(client.send(new DeleteBucketCommand({ Bucket })))).toEqual({
      name: 'BucketNotEmpty',
      status: 409,
    });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await client.send(new DeleteBucketCommand({ Bucket }));

    expect(await refusalOf(client.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
  });

  test('an operation that is not served is NotImplemented, not something else', async () => {
    expect(await refusalOf(client.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toEqual({
      name: 'NotImplemented',
      status: 501,
    });
  });
});

describe('putting and getting', () => {
  test('a buffer comes back with its type, headers and user metadata', async () => {
    const Body = patternBytes(100_000);
    await client.send(
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

    const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'put/buffer' }));

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
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'put/stream',
        Body: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]),
        ContentLength: bytes.length,
        ContentEncoding: 'br',
      }),
    );

    const answer = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'put/stream' }));

    expect((await bytesOf('put/stream')).equals(bytes)).toBe(true);
    expect(answer.ContentEncoding).toBe('br');
  });

  test('an empty object is an object', async () => {
    await put('put/empty', Buffer.alloc(0));

    expect(await bytesOf('put/empty')).toHaveLength(0);
    expect((await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'put/empty' }))).ContentLength).toBe(0);
  });

  test('a client without checksums stores the same bytes', async () => {
    await linkSigner.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'put/plain', Body: 'plain' }));

    expect((await bytesOf('put/plain')).toString()).toBe('plain');
  });

  test('a body that makes the client wait for 100 Continue is taken', async () => {
    const bytes = patternBytes(5 * MIB);
    await put('put/continued', bytes);

    expect((await bytesOf('put/continued')).equals(bytes)).toBe(true);
  });

  test('the ETag is the MD5 of the bytes', async () => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'put/etag', Body: 'hello' }));

    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  });

  test('putting again replaces bytes and metadata', async () => {
    await client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'put/twice', Body: 'first', Metadata: { version: '1' } }),
    );
    await put('put/twice', 'second');

    const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'put/twice' }));

    expect(await answer.Body!.transformToString()).toBe('second');
    expect(answer.Metadata).toEqual({});
  });

  test('a missing key is NoSuchKey', async () => {
    expect(await refusalOf(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'no/such' })))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
    expect(await refusalOf(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'no/such' })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
  });

  test('a replaced object is still read to its end by who was reading it', async () => {
    const bytes = patternBytes(8 * MIB);
    await put('put/replaced', bytes);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'put/replaced' }));

    await put('put/replaced', 'new');

    expect(Buffer.from(await Body!.transformToByteArray()).equals(bytes)).toBe(true);
    expect((await bytesOf('put/replaced')).toString()).toBe('new');
  });
});

describe('checksums', () => {
  test.each(EVERY_ALGORITHM)('%s of a buffer is verified, kept and returned', async (ChecksumAlgorithm) => {
    const Key = `checksum/buffer-${ChecksumAlgorithm}`;
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: patternBytes(70_000), ChecksumAlgorithm }));

    const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));

    // The SDK itself verifies the returned checksum while the body is read.
    expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(patternBytes(70_000))).toBe(true);
    expect(answer[`Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32']).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });

  test.each(EVERY_ALGORITHM)('%s in the trailer of a stream is verified and kept', async (ChecksumAlgorithm) => {
    const Key = `checksum/stream-${ChecksumAlgorithm}`;
    const bytes = patternBytes(70_000);
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key,
        Body: Readable.from([bytes]),
        ContentLength: bytes.length,
        ChecksumAlgorithm,
      }),
    );

    const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));

    expect(head[`Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32']).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect((await bytesOf(Key)).equals(bytes)).toBe(true);
  });

  test('a wrong checksum is BadDigest and leaves no object', async () => {
    const call = client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'checksum/wrong',
        Body: 'hello',
        ChecksumSHA256: Buffer.alloc(32).toString('base64'),
      }),
    );

    expect(await refusalOf(call)).toEqual({ name: 'BadDigest', status: 400 });
    expect(await exists('checksum/wrong')).toBe(false);
  });

  test('a wrong checksum leaves the object that was there', async () => {
    await put('checksum/kept', 'good');
    await refusalOf(
      client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: 'checksum/kept', Body: 'bad', ChecksumCRC32: 'AAAAAA==' }),
      ),
    );

    expect((await bytesOf('checksum/kept')).toString()).toBe('good');
  });

  test('a wrong Content-MD5 is BadDigest, a malformed one InvalidDigest', async () => {
    const putWith = (ContentMD5: string): Promise<unknown> =>
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'checksum/md5', Body: 'hello', ContentMD5 }));

    expect(await refusalOf(putWith('AAAAAAAAAAAAAAAAAAAAAA=='))).toEqual({ name: 'BadDigest', status: 400 });
    expect(await refusalOf(putWith('short'))).toEqual({ name: 'InvalidDigest', status: 400 });
    await putWith('XUFAKrxLKna5cZ2REBfFkg==');
  });
});

describe('multipart uploads', () => {
  test('lib-storage uploads a large buffer in parts', async () => {
    const bytes = patternBytes(12 * MIB + 123);
    await new Upload({
      client,
      params: { Bucket: BUCKET, Key: 'multi/buffer', Body: bytes },
      partSize: 5 * MIB,
      queueSize: 2,
    }).done();

    expect((await bytesOf('multi/buffer')).equals(bytes)).toBe(true);
    expect((await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'multi/buffer' }))).ETag).toMatch(
      /^"[0-9a-f]{32}-3"$/,
    );
  });

  test('lib-storage uploads a stream of unknown length', async () => {
    const bytes = patternBytes(6 * MIB);
    const Body = Readable.from(Array.from({ length: 6 }, (_, index) => bytes.subarray(index * MIB, (index + 1) * MIB)));
    await new Upload({ client, params: { Bucket: BUCKET, Key: 'multi/stream', Body }, partSize: 5 * MIB }).done();

    expect((await bytesOf('multi/stream')).equals(bytes)).toBe(true);
  });

  test('a range across the border of two parts is exact', async () => {
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: BUCKET, Key: 'multi/buffer', Range: `bytes=${5 * MIB - 3}-${10 * MIB + 2}` }),
    );

    expect(
      Buffer.from(await Body!.transformToByteArray()).equals(
        patternBytes(12 * MIB + 123).subarray(5 * MIB - 3, 10 * MIB + 3),
      ),
    ).toBe(true);
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    'the full-object %s of an upload in parts is that of its bytes',
    async (ChecksumAlgorithm) => {
      const bytes = patternBytes(5 * MIB + 4321);
      const single = await client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: 'multi/single', Body: bytes, ChecksumAlgorithm }),
      );
      const params = {
        Bucket: BUCKET,
        Key: `multi/full-${ChecksumAlgorithm}`,
        Body: bytes,
        ChecksumAlgorithm,
        ChecksumType: 'FULL_OBJECT' as const,
      };
      await new Upload({ client, params, partSize: 5 * MIB }).done();

      const head = await client.send(
        new HeadObjectCommand({ Bucket: BUCKET, Key: params.Key, ChecksumMode: 'ENABLED' }),
      );
      const name = `Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32';

      expect(head.ChecksumType).toBe('FULL_OBJECT');
      expect(head[name]).toBe(single[name]);
    },
  );

  test('parts and uploads are listed, and an aborted upload is gone with its parts', async () => {
    const Key = 'multi/aborted';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    await client.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 2, Body: 'two' }));
    await client.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'first' }));

    const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId }));
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key }));
    expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5],
      [2, 3],
    ]);
    expect(Uploads.map((upload) => upload.UploadId)).toEqual([UploadId]);
    expect(await exists(Key)).toBe(false);

    await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));

    expect(await refusalOf(client.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId })))).toEqual({
      name: 'NoSuchUpload',
      status: 404,
    });
    expect(
      (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key }))).Uploads,
    ).toBeUndefined();
  });

  test('long lists of parts and uploads come in pages', async () => {
    const Key = 'multi/paged';
    const ids: string[] = [];
    for (let index = 0; index < 3; index++)
      ids.push((await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }))).UploadId!);
    for (const PartNumber of [1, 5, 9])
      await client.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId: ids[0], PartNumber, Body: 'x' }));

    const parts = await client.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId: ids[0], MaxParts: 2 }));
    const moreParts = await client.send(
      new ListPartsCommand({ Bucket: BUCKET, Key, UploadId: ids[0], PartNumberMarker: parts.NextPartNumberMarker }),
    );
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key, MaxUploads: 2 }));
    const moreUploads = await client.send(
      new ListMultipartUploadsCommand({
        Bucket: BUCKET,
        Prefix: Key,
        KeyMarker: uploads.NextKeyMarker,
        UploadIdMarker: uploads.NextUploadIdMarker,
      }),
    );

    expect([parts.IsTruncated, moreParts.IsTruncated, uploads.IsTruncated, moreUploads.IsTruncated]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([...parts.Parts!, ...moreParts.Parts!].map(({ PartNumber }) => PartNumber)).toEqual([1, 5, 9]);
    expect([...uploads.Uploads!, ...moreUploads.Uploads!].map(({ UploadId }) => UploadId)).toEqual([...ids].sort());
    for (const UploadId of ids) await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));
  });

  test('completing with a wrong part, wrong order or a small part is refused and the upload stays', async () => {
    const Key = 'multi/refused';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const parts = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await client.send(
        new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber, Body: `small ${PartNumber}` }),
      );
      parts.push({ PartNumber, ETag });
    }
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]): Promise<unknown> =>
      client.send(new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }));

    expect(await refusalOf(complete([{ PartNumber: 1, ETag: '"00000000000000000000000000000000"' }]))).toMatchObject({
      name: 'InvalidPart',
    });
    expect(await refusalOf(complete([...parts].reverse()))).toMatchObject({ name: 'InvalidPartOrder' });
    expect(await refusalOf(complete(parts))).toMatchObject({ name: 'EntityTooSmall' });
    await complete(parts.slice(1));

    expect((await bytesOf(Key)).toString()).toBe('small 2');
  });

  test('completing twice gives the same answer, since the first one may have been lost', async () => {
    const Key = 'multi/repeated';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const { ETag } = await client.send(
      new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'x' }),
    );
    const complete = new CompleteMultipartUploadCommand({
      Bucket: BUCKET,
      Key,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });

    const first = await client.send(complete);
    const second = await client.send(complete);

    expect(second.ETag).toBe(first.ETag);
  });

  test('a part can be copied from a range of an object', async () => {
    await put('multi/source', patternBytes(6 * MIB));
    const Key = 'multi/part-copy';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const copyRange = async (
      PartNumber: number,
      CopySourceRange: string,
    ): Promise<{ PartNumber: number; ETag: string | undefined }> => {
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          Bucket: BUCKET,
          Key,
          UploadId,
          PartNumber,
          CopySource: `${BUCKET}/multi/source`,
          CopySourceRange,
        }),
      );
      return { PartNumber, ETag: CopyPartResult?.ETag };
    };
    const Parts = [await copyRange(1, `bytes=0-${5 * MIB - 1}`), await copyRange(2, `bytes=${5 * MIB}-${6 * MIB - 1}`)];
    await client.send(
      new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }),
    );

    expect((await bytesOf(Key)).equals(patternBytes(6 * MIB))).toBe(true);
  });
});

describe('ranges and conditions', () => {
  beforeAll(() => put('range/digits', '0123456789'));

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('%s is %s', async (Range, text, contentRange) => {
    const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', Range }));

    expect(await answer.Body!.transformToString()).toBe(text);
    expect([answer.ContentRange, answer.$metadata.httpStatusCode]).toEqual([contentRange, 206]);
  });

  test('a range beyond the end is InvalidRange', async () => {
    expect(
      await refusalOf(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', Range: 'bytes=10-' }))),
    ).toEqual({ name: 'InvalidRange', status: 416 });
  });

  test('If-None-Match * creates once and is then PreconditionFailed', async () => {
    const create = new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/claim', Body: 'mine', IfNoneMatch: '*' });
    await client.send(create);

    expect(await refusalOf(client.send(create))).toEqual({ name: 'PreconditionFailed', status: 412 });
  });

  test('of many who claim a key at once exactly one gets it', async () => {
    const claims = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        client.send(
          new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/race', Body: `claimant ${index}`, IfNoneMatch: '*' }),
        ),
      ),
    );

    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = claims.findIndex(({ status }) => status === 'fulfilled');
    expect((await bytesOf('condition/race')).toString()).toBe(`claimant ${winner}`);
  });

  test('If-Match replaces only the version it names', async () => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/match', Body: 'one' }));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/match', Body: 'two', IfMatch: ETag }));

    expect(
      await refusalOf(
        client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/match', Body: 'three', IfMatch: ETag })),
      ),
    ).toMatchObject({ status: 412 });
    expect((await bytesOf('condition/match')).toString()).toBe('two');
  });

  test('a multipart upload can claim a key too', async () => {
    const Key = 'condition/multipart';
    await put(Key, 'there');
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const { ETag } = await client.send(
      new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'x' }),
    );
    const complete = new CompleteMultipartUploadCommand({
      Bucket: BUCKET,
      Key,
      UploadId,
      IfNoneMatch: '*',
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });

    expect(await refusalOf(client.send(complete))).toMatchObject({ status: 412 });
    expect((await bytesOf(Key)).toString()).toBe('there');
  });

  test('a read with the current ETag is 304, one with another If-Match is 412', async () => {
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'range/digits' }));

    expect(
      await refusalOf(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', IfNoneMatch: ETag }))),
    ).toMatchObject({ status: 304 });
    expect(
      await refusalOf(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'range/digits', IfNoneMatch: ETag }))),
    ).toMatchObject({ status: 304 });
    expect(
      await refusalOf(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', IfMatch: '"other"' }))),
    ).toMatchObject({ status: 412 });
  });
});

describe('listing', () => {
  beforeAll(async () => {
    for (const key of ['list/a.jpg', 'list/b/1', 'list/b/2', 'list/b/3', 'list/c/1', 'list/d.jpg', 'listed'])
      await put(key);
  });

  test('a prefix is a prefix of the key, not a folder', async () => {
    expect(await keysBelow('list')).toEqual([
      'list/a.jpg',
      'list/b/1',
      'list/b/2',
      'list/b/3',
      'list/c/1',
      'list/d.jpg',
      'listed',
    ]);
    expect(await keysBelow('list/b')).toEqual(['list/b/1', 'list/b/2', 'list/b/3']);
  });

  test('a delimiter rolls folders up', async () => {
    const answer = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', Delimiter: '/' }));

    expect(answer.Contents!.map(({ Key }) => Key)).toEqual(['list/a.jpg', 'list/d.jpg']);
    expect(answer.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(['list/b/', 'list/c/']);
    expect(answer.KeyCount).toBe(4);
  });

  test('pages of one go through keys and folders once each', async () => {
    const seen: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client, pageSize: 1 },
      { Bucket: BUCKET, Prefix: 'list/', Delimiter: '/' },
    )) {
      expect(page.KeyCount).toBe(1);
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key!),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
      );
    }

    expect(seen).toEqual(['list/a.jpg', 'list/b/', 'list/c/', 'list/d.jpg']);
  });

  test('start-after leaves out what is at or before it', async () => {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', StartAfter: 'list/b/2' }),
    );

    expect(Contents.map(({ Key }) => Key)).toEqual(['list/b/3', 'list/c/1', 'list/d.jpg']);
  });

  test('a made-up continuation token is refused', async () => {
    expect(
      await refusalOf(client.send(new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: 'made-up' }))),
    ).toEqual({ name: 'InvalidArgument', status: 400 });
  });

  test('a listing tells size, ETag and time', async () => {
    await put('list-facts/one', 'hello');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list-facts/' }));

    expect(Contents![0]).toMatchObject({
      Size: 5,
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      StorageClass: 'STANDARD',
    });
    expect(Math.abs(Contents![0]!.LastModified!.getTime() - Date.now())).toBeLessThan(60_000);
  });
});

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
    await put(key, `content of ${key}`);
    expect((await bytesOf(key)).toString()).toBe(`content of ${key}`);
    expect(await keysBelow(key)).toEqual([key]);
    const { Contents: encoded = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key, EncodingType: 'url' }),
    );
    expect(decodeURIComponent(encoded[0]!.Key!)).toBe(key);

    await client.send(
      new CopyObjectCommand({
        Bucket: BUCKET,
        Key: `copy-of-${key}`,
        CopySource: `${BUCKET}/${encodeURIComponent(key)}`,
      }),
    );
    expect((await bytesOf(`copy-of-${key}`)).toString()).toBe(`content of ${key}`);

    await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: key }, { Key: `copy-of-${key}` }] } }),
    );
    expect(await keysBelow(key)).toEqual([]);
  });

  // Every URL parser resolves `..`, so no client can follow a link to such a key.
  test.each(ODD_KEYS.filter((key) => !key.includes('..')).map((key) => [key]))('%j can be linked to', async (key) => {
    await put(`link/${key}`, `content of ${key}`);

    const answer = await fetch(
      await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key: `link/${key}` })),
    );

    expect(await answer.text()).toBe(`content of ${key}`);
  });

  test('a key of more than 1024 bytes is refused', async () => {
    expect(await refusalOf(put('é'.repeat(513)))).toEqual({ name: 'KeyTooLongError', status: 400 });
  });
});

describe('copying and deleting', () => {
  test('a copy keeps bytes and metadata, and outlives its source', async () => {
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'copy/source',
        Body: 'original',
        ContentType: 'text/plain',
        Metadata: { a: '1' },
      }),
    );
    await client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy/target', CopySource: `/${BUCKET}/copy/source` }),
    );
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'copy/source' }));

    const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'copy/target' }));

    expect(await answer.Body!.transformToString()).toBe('original');
    expect(answer).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
  });

  test('a copy onto itself needs new metadata, which it then has', async () => {
    await put('copy/self', 'same');
    const onto = { Bucket: BUCKET, Key: 'copy/self', CopySource: `${BUCKET}/copy/self` };

    expect(await refusalOf(client.send(new CopyObjectCommand(onto)))).toMatchObject({ name: 'InvalidRequest' });
    await client.send(new CopyObjectCommand({ ...onto, MetadataDirective: 'REPLACE', ContentType: 'image/png' }));

    expect((await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'copy/self' }))).ContentType).toBe(
      'image/png',
    );
    expect((await bytesOf('copy/self')).toString()).toBe('same');
  });

  test('deleting is idempotent, alone and in bulk', async () => {
    await put('delete/a');
    await put('delete/b');
    const bulk = new DeleteObjectsCommand({
      Bucket: BUCKET,
      Delete: { Objects: [{ Key: 'delete/a' }, { Key: 'delete/never-was' }] },
    });

    expect((await client.send(bulk)).Deleted!.map(({ Key }) => Key)).toEqual(['delete/a', 'delete/never-was']);
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'delete/b' }));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'delete/b' }));

    expect(await keysBelow('delete/')).toEqual([]);
  });
});

describe('presigned links', () => {
  beforeAll(() => put('link/photo', '0123456789'));
  const photo = { Bucket: BUCKET, Key: 'link/photo' };

  test('a link reads the object, and a range of it', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand(photo));

    expect(await (await fetch(url)).text()).toBe('0123456789');
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
  });

  test('a link decides type and file name of the download', async () => {
    const url = await getSignedUrl(
      client,
      new GetObjectCommand({
        ...photo,
        ResponseContentDisposition: 'attachment; filename="scene é.sog"',
        ResponseContentType: 'application/zip',
      }),
    );

    const { headers } = await fetch(url);

    expect(Buffer.from(headers.get('content-disposition')!, 'latin1').toString('utf8')).toBe(
      'attachment; filename="scene é.sog"',
    );
    expect(headers.get('content-type')).toBe('application/zip');
  });

  test('a link writes an object', async () => {
    const url = await getSignedUrl(
      linkSigner,
      new PutObjectCommand({ Bucket: BUCKET, Key: 'link/put', ContentType: 'image/jpeg' }),
    );

    expect(
      (await fetch(url, { method: 'PUT', body: 'by link', headers: { 'content-type': 'image/jpeg' } })).status,
    ).toBe(200);
    expect((await bytesOf('link/put')).toString()).toBe('by link');
  });

  test('a link signed with the checksum of an empty body still writes, as on S3', async () => {
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'link/put-default' }));

    expect(url).toContain('x-amz-checksum-crc32=AAAAAA');
    expect((await fetch(url, { method: 'PUT', body: 'not empty' })).status).toBe(200);
    expect((await bytesOf('link/put-default')).toString()).toBe('not empty');
  });

  test('links upload the parts of a multipart upload', async () => {
    const Key = 'link/multipart';
    const { UploadId } = await linkSigner.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const url = await getSignedUrl(linkSigner, new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1 }));
    const answer = await fetch(url, { method: 'PUT', body: 'part by link' });
    const Parts = [{ PartNumber: 1, ETag: answer.headers.get('etag')! }];
    await linkSigner.send(
      new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }),
    );

    expect((await bytesOf(Key)).toString()).toBe('part by link');
  });

  test('metadata signed into a link is kept with the object', async () => {
    const url = await getSignedUrl(
      linkSigner,
      new PutObjectCommand({ Bucket: BUCKET, Key: 'link/metadata', Metadata: { camera: 'x' } }),
    );
    await fetch(url, { method: 'PUT', body: 'x' });

    expect((await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'link/metadata' }))).Metadata).toEqual({
      camera: 'x',
    });
  });

  test('a link for one key, method or time does not serve another', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand(photo));
    const elsewhere = url.replace('link/photo', 'link/put');
    const longer = url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400');

    for (const [link, method] of [
      [elsewhere, 'GET'],
      [longer, 'GET'],
      [url, 'DELETE'],
    ] as const) {
      const answer = await send(link, { method });
      expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([403, 'SignatureDoesNotMatch']);
    }
  });

  test('an expired link is AccessDenied', async () => {
    const url = await getSignedUrl(client, new GetObjectCommand(photo), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 61_000),
    });

    const answer = await send(url);

    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<Message>Request has expired</Message>');
  });
});

describe('who may', () => {
  test('a wrong secret is SignatureDoesNotMatch', async () => {
    const stranger = s3.client({ credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: 'wrong' } });

    expect(await refusalOf(stranger.send(new ListObjectsV2Command({ Bucket: BUCKET })))).toEqual({
      name: 'SignatureDoesNotMatch',
      status: 403,
    });
  });

  test('an unknown access key is InvalidAccessKeyId', async () => {
    const stranger = s3.client({ credentials: { accessKeyId: 'AKIDUNKNOWN', secretAccessKey: 'any' } });

    expect(await refusalOf(stranger.send(new ListBucketsCommand({})))).toEqual({
      name: 'InvalidAccessKeyId',
      status: 403,
    });
  });

  test('a signature for another region is refused and told the right one', async () => {
    const stranger = s3.client({ region: 'eu-central-1' });

    expect(await refusalOf(stranger.send(new ListBucketsCommand({})))).toEqual({
      name: 'AuthorizationHeaderMalformed',
      status: 400,
    });
  });

  test('a clock that is an hour off is RequestTimeTooSkewed', async () => {
    const late = s3.client({ systemClockOffset: -3_600_000 });

    expect(await refusalOf(late.send(new ListBucketsCommand({})))).toEqual({
      name: 'RequestTimeTooSkewed',
      status: 403,
    });
  });

  test('an anonymous request is AccessDenied', async () => {
    for (const path of ['/', `/${BUCKET}`, `/${BUCKET}/range/digits`]) {
      const answer = await send(s3.endpoint + path);
      expect([answer.status, answer.headers['content-type']]).toEqual([403, 'application/xml']);
      expect(answer.body).toContain('<Code>AccessDenied</Code>');
    }
  });
});

describe('pages in a browser', () => {
  const preflight = (origin: string): Promise<Awaited<ReturnType<typeof send>>> =>
    send(`${s3.endpoint}/${BUCKET}/photo.jpg`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,x-amz-meta-a',
      },
    });

  test('a preflight of the configured origin is allowed, any other refused', async () => {
    const allowed = await preflight(PAGE_ORIGIN);
    const refused = await preflight('https://elsewhere.example');

    expect(allowed).toMatchObject({
      status: 200,
      headers: {
        'access-control-allow-origin': PAGE_ORIGIN,
        'access-control-allow-headers': 'content-type,x-amz-meta-a',
      },
    });
    expect(allowed.headers['access-control-allow-methods']).toContain('PUT');
    expect(refused.status).toBe(403);
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('the page may read ETags, and errors too', async () => {
    const url = await getSignedUrl(client, new HeadBucketCommand({ Bucket: BUCKET }));
    const good = await send(url, { method: 'HEAD', headers: { origin: PAGE_ORIGIN } });
    const bad = await send(`${s3.endpoint}/${BUCKET}/x`, { headers: { origin: PAGE_ORIGIN } });

    expect(good).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': PAGE_ORIGIN } });
    expect(good.headers['access-control-expose-headers']).toContain('ETag');
    expect(bad).toMatchObject({ status: 403, headers: { 'access-control-allow-origin': PAGE_ORIGIN } });
  });
});
