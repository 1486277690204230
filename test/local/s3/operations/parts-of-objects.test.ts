/** What an object tells of its parts: reads of one part, and GetObjectAttributes. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type GetObjectAttributesCommandInput,
  type ObjectAttributes,
} from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, patternBytes, refusalOf } from '../harness';

const MIB = 1024 * 1024;
const SIZES = [5 * MIB, 5 * MIB + 17, 4321];
const BYTES = patternBytes(SIZES.reduce((sum, size) => sum + size, 0));
/** Numbers need not follow one another. */
const NUMBERS = [2, 3, 7];
const bucket = new BucketUnderTest();
const inParts = { Bucket: BUCKET, Key: 'in-parts' };
const atOnce = { Bucket: BUCKET, Key: 'at-once' };

beforeAll(async () => {
  await bucket.start();
  await bucket.send(new PutObjectCommand({ ...atOnce, Body: '0123456789' }));
  const algorithm = { ChecksumAlgorithm: 'SHA256' as const };
  const { UploadId } = await bucket.send(new CreateMultipartUploadCommand({ ...inParts, ...algorithm }));
  const Parts = [];
  let start = 0;
  for (const [index, size] of SIZES.entries()) {
    const Body = BYTES.subarray(start, (start += size));
    const PartNumber = NUMBERS[index];
    const part = new UploadPartCommand({ ...inParts, ...algorithm, UploadId, PartNumber, Body });
    const { ETag, ChecksumSHA256 } = await bucket.send(part);
    Parts.push({ PartNumber, ETag, ChecksumSHA256 });
  }
  await bucket.send(new CompleteMultipartUploadCommand({ ...inParts, UploadId, MultipartUpload: { Parts } }));
});
afterAll(() => bucket.remove());

describe('reading one part', () => {
  test('a part is a range of the object, and tells how many parts there are', async () => {
    const answer = await bucket.send(new GetObjectCommand({ ...inParts, PartNumber: 3, ChecksumMode: 'ENABLED' }));
    const bytes = Buffer.from(await answer.Body!.transformToByteArray()); // the SDK verifies the part's checksum

    expect(bytes.equals(BYTES.subarray(SIZES[0], SIZES[0]! + SIZES[1]!))).toBe(true);
    expect(answer).toMatchObject({
      PartsCount: 3,
      ContentLength: SIZES[1],
      ContentRange: `bytes ${SIZES[0]}-${SIZES[0]! + SIZES[1]! - 1}/${BYTES.length}`,
      ETag: expect.stringMatching(/-3"$/) as string,
    });
    expect(answer.$metadata.httpStatusCode).toBe(206);
  });

  test('a HEAD of a part tells the same without the bytes', async () => {
    const answer = await bucket.send(new HeadObjectCommand({ ...inParts, PartNumber: 7 }));

    expect([answer.PartsCount, answer.ContentLength]).toEqual([3, 4321]);
  });

  test('an object that was put at once is its own part 1', async () => {
    const answer = await bucket.send(new GetObjectCommand({ ...atOnce, PartNumber: 1 }));

    expect(await answer.Body!.transformToString()).toBe('0123456789');
    expect([answer.ContentRange, answer.PartsCount]).toEqual(['bytes 0-9/10', undefined]);
  });

  test('part 1 of an empty object is empty', async () => {
    await bucket.put('empty', Buffer.alloc(0));

    expect(
      (await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'empty', PartNumber: 1 }))).ContentLength,
    ).toBe(0);
  });

  test.each([
    [atOnce, 2],
    [inParts, 1],
    [inParts, 8],
  ])('%o has no part %i', async (object, PartNumber) => {
    expect(await refusalOf(bucket.send(new GetObjectCommand({ ...object, PartNumber })))).toEqual({
      name: 'InvalidPartNumber',
      status: 416,
    });
  });

  test('a part of an object that is not there is NoSuchKey, also while its upload is open', async () => {
    const open = { Bucket: BUCKET, Key: 'open' };
    await bucket.send(new CreateMultipartUploadCommand(open));

    expect(await refusalOf(bucket.send(new GetObjectCommand({ ...open, PartNumber: 1 })))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
  });

  test('a number that is none, and a part together with a range, are refused', async () => {
    const both = new GetObjectCommand({ ...inParts, PartNumber: 2, Range: 'bytes=0-1' });

    expect(await refusalOf(bucket.send(both))).toEqual({ name: 'InvalidRequest', status: 400 });
    expect(await refusalOf(bucket.send(new GetObjectCommand({ ...inParts, PartNumber: 0 })))).toEqual({
      name: 'InvalidArgument',
      status: 400,
    });
  });
});

describe('attributes', () => {
  const EVERY: ObjectAttributes[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];
  const attributes = (more: Partial<GetObjectAttributesCommandInput> & { Key: string }): GetObjectAttributesCommand =>
    new GetObjectAttributesCommand({ Bucket: BUCKET, ObjectAttributes: EVERY, ...more });

  test('an object that was put at once has no parts', async () => {
    const answer = await bucket.send(attributes({ Key: 'at-once' }));

    expect(answer).toMatchObject({
      ETag: '781e5e245d69b566979b86e28d23f2c7',
      ObjectSize: 10,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumCRC32: 'poTHxg==', ChecksumType: 'FULL_OBJECT' },
    });
    expect(answer.ObjectParts).toBeUndefined();
    expect(answer.LastModified).toBeInstanceOf(Date);
  });

  test('an object that was uploaded in parts tells number, size and checksum of each', async () => {
    const { ObjectParts, ObjectSize, Checksum } = await bucket.send(attributes({ Key: 'in-parts' }));

    expect(ObjectSize).toBe(BYTES.length);
    expect(Checksum).toMatchObject({ ChecksumSHA256: expect.stringMatching(/=-3$/) as string });
    expect(ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: false, MaxParts: 1000 });
    expect(ObjectParts!.Parts!.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [2, SIZES[0]],
      [3, SIZES[1]],
      [7, SIZES[2]],
    ]);
    for (const { ChecksumSHA256 } of ObjectParts!.Parts!) expect(ChecksumSHA256).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });

  test('parts come in pages', async () => {
    const first = await bucket.send(attributes({ Key: 'in-parts', MaxParts: 2 }));
    const marker = first.ObjectParts!.NextPartNumberMarker;
    const second = await bucket.send(attributes({ Key: 'in-parts', PartNumberMarker: marker }));

    expect([first.ObjectParts!.IsTruncated, second.ObjectParts!.IsTruncated]).toEqual([true, false]);
    expect(second.ObjectParts!.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([7]);
  });

  test('only what is asked for is told', async () => {
    const answer = await bucket.send(attributes({ Key: 'in-parts', ObjectAttributes: ['ObjectSize'] }));

    expect([answer.ObjectSize, answer.ETag, answer.Checksum, answer.ObjectParts, answer.StorageClass]).toEqual([
      BYTES.length,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a copy has the parts of its source, whose ETag it has', async () => {
    await bucket.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/in-parts` }));

    const { ETag, ObjectParts } = await bucket.send(attributes({ Key: 'copy' }));

    expect([ETag, ObjectParts!.TotalPartsCount]).toEqual([expect.stringMatching(/-3$/), 3]);
  });

  test('a missing object is NoSuchKey, an attribute that there is not is InvalidArgument', async () => {
    expect(await refusalOf(bucket.send(attributes({ Key: 'no-such' })))).toEqual({ name: 'NoSuchKey', status: 404 });
    const unknown = attributes({ Key: 'at-once', ObjectAttributes: ['Colour' as 'ETag'] });
    expect(await refusalOf(bucket.send(unknown))).toEqual({ name: 'InvalidArgument', status: 400 });
  });
});
