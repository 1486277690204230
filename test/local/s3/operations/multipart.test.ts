/** Multipart uploads, with the AWS SDK. */
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BUCKET, BucketUnderTest, patternBytes, refusalOf } from '../harness';

const MIB = 1024 * 1024;
const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('multipart uploads', () => {
  test('lib-storage uploads a large buffer in parts', async () => {
    const bytes = patternBytes(12 * MIB + 123);
    await new Upload({
      client: bucket.client,
      params: { Bucket: BUCKET, Key: 'multi/buffer', Body: bytes },
      partSize: 5 * MIB,
      queueSize: 2,
    }).done();

    expect((await bucket.bytesOf('multi/buffer')).equals(bytes)).toBe(true);
    expect((await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'multi/buffer' }))).ETag).toMatch(
      /^"[0-9a-f]{32}-3"$/,
    );
  });

  test('lib-storage uploads a stream of unknown length', async () => {
    const bytes = patternBytes(6 * MIB);
    const Body = Readable.from(Array.from({ length: 6 }, (_, index) => bytes.subarray(index * MIB, (index + 1) * MIB)));
    await new Upload({
      client: bucket.client,
      params: { Bucket: BUCKET, Key: 'multi/stream', Body },
      partSize: 5 * MIB,
    }).done();

    expect((await bucket.bytesOf('multi/stream')).equals(bytes)).toBe(true);
  });

  test('a range across the border of two parts is exact', async () => {
    const { Body } = await bucket.send(
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
      const single = await bucket.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: 'multi/single', Body: bytes, ChecksumAlgorithm }),
      );
      const params = {
        Bucket: BUCKET,
        Key: `multi/full-${ChecksumAlgorithm}`,
        Body: bytes,
        ChecksumAlgorithm,
        ChecksumType: 'FULL_OBJECT' as const,
      };
      await new Upload({ client: bucket.client, params, partSize: 5 * MIB }).done();

      const head = await bucket.send(
        new HeadObjectCommand({ Bucket: BUCKET, Key: params.Key, ChecksumMode: 'ENABLED' }),
      );
      const name = `Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32';

      expect(head.ChecksumType).toBe('FULL_OBJECT');
      expect(head[name]).toBe(single[name]);
    },
  );

  test('parts and uploads are listed, and an aborted upload is gone with its parts', async () => {
    const Key = 'multi/aborted';
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    await bucket.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 2, Body: 'two' }));
    await bucket.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'first' }));

    const { Parts = [] } = await bucket.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId }));
    const { Uploads = [] } = await bucket.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key }));
    expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5],
      [2, 3],
    ]);
    expect(Uploads.map((upload) => upload.UploadId)).toEqual([UploadId]);
    expect(await bucket.exists(Key)).toBe(false);

    await bucket.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));

    expect(await refusalOf(bucket.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId })))).toEqual({
      name: 'NoSuchUpload',
      status: 404,
    });
    expect(
      (await bucket.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key }))).Uploads,
    ).toBeUndefined();
  });

  test('long lists of parts and uploads come in pages', async () => {
    const Key = 'multi/paged';
    const ids: string[] = [];
    for (let index = 0; index < 3; index++)
      ids.push((await bucket.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }))).UploadId!);
    for (const PartNumber of [1, 5, 9])
      await bucket.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId: ids[0], PartNumber, Body: 'x' }));

    const parts = await bucket.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId: ids[0], MaxParts: 2 }));
    const moreParts = await bucket.send(
      new ListPartsCommand({ Bucket: BUCKET, Key, UploadId: ids[0], PartNumberMarker: parts.NextPartNumberMarker }),
    );
    const uploads = await bucket.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key, MaxUploads: 2 }));
    const moreUploads = await bucket.send(
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
    for (const UploadId of ids) await bucket.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));
  });

  test('completing with a wrong part, wrong order or a small part is refused and the upload stays', async () => {
    const Key = 'multi/refused';
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const parts = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await bucket.send(
        new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber, Body: `small ${PartNumber}` }),
      );
      parts.push({ PartNumber, ETag });
    }
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]): Promise<unknown> =>
      bucket.send(new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }));

    expect(await refusalOf(complete([{ PartNumber: 1, ETag: '"00000000000000000000000000000000"' }]))).toMatchObject({
      name: 'InvalidPart',
    });
    expect(await refusalOf(complete([...parts].reverse()))).toMatchObject({ name: 'InvalidPartOrder' });
    expect(await refusalOf(complete(parts))).toMatchObject({ name: 'EntityTooSmall' });
    await complete(parts.slice(1));

    expect((await bucket.bytesOf(Key)).toString()).toBe('small 2');
  });

  test('completing twice gives the same answer, since the first one may have been lost', async () => {
    const Key = 'multi/repeated';
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const { ETag } = await bucket.send(
      new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'x' }),
    );
    const complete = new CompleteMultipartUploadCommand({
      Bucket: BUCKET,
      Key,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });

    const first = await bucket.send(complete);
    const second = await bucket.send(complete);

    expect(second.ETag).toBe(first.ETag);
  });

  test('a part can be copied from a range of an object', async () => {
    await bucket.put('multi/source', patternBytes(6 * MIB));
    const Key = 'multi/part-copy';
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const copyRange = async (
      PartNumber: number,
      CopySourceRange: string,
    ): Promise<{ PartNumber: number; ETag: string | undefined }> => {
      const { CopyPartResult } = await bucket.send(
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
    await bucket.send(
      new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }),
    );

    expect((await bucket.bytesOf(Key)).equals(patternBytes(6 * MIB))).toBe(true);
  });

  test.each([
    ['bytes=0-10', 'InvalidRange', 416],
    ['bytes=10-20', 'InvalidRange', 416],
    ['bytes=5-', 'InvalidArgument', 400],
    ['bytes=-5', 'InvalidArgument', 400],
    ['bytes=7-2', 'InvalidArgument', 400],
    ['0-2', 'InvalidArgument', 400],
  ])('the range %s of ten bytes is no part: %s', async (CopySourceRange, name, status) => {
    await bucket.put('multi/ten', '0123456789');
    const upload = { Bucket: BUCKET, Key: 'multi/copied-range' };
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand(upload));
    const copy = new UploadPartCopyCommand({
      ...upload,
      UploadId,
      PartNumber: 1,
      CopySource: `${BUCKET}/multi/ten`,
      CopySourceRange,
    });

    expect(await refusalOf(bucket.send(copy))).toEqual({ name, status });
    expect((await bucket.send(new ListPartsCommand({ ...upload, UploadId }))).Parts).toBeUndefined();
    await bucket.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
  });
});
