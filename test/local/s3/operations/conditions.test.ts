/** Ranges and conditional requests, with the AWS SDK. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, refusalOf } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('ranges and conditions', () => {
  beforeAll(() => bucket.put('range/digits', '0123456789'));

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('%s is %s', async (Range, text, contentRange) => {
    const answer = await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', Range }));

    expect(await answer.Body!.transformToString()).toBe(text);
    expect([answer.ContentRange, answer.$metadata.httpStatusCode]).toEqual([contentRange, 206]);
  });

  test('a range beyond the end is InvalidRange', async () => {
    expect(
      await refusalOf(bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', Range: 'bytes=10-' }))),
    ).toEqual({ name: 'InvalidRange', status: 416 });
  });

  test('If-None-Match * creates once and is then PreconditionFailed', async () => {
    const create = new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/claim', Body: 'mine', IfNoneMatch: '*' });
    await bucket.send(create);

    expect(await refusalOf(bucket.send(create))).toEqual({ name: 'PreconditionFailed', status: 412 });
  });

  test('of many who claim a key at once exactly one gets it', async () => {
    const claims = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        bucket.send(
          new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/race', Body: `claimant ${index}`, IfNoneMatch: '*' }),
        ),
      ),
    );

    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = claims.findIndex(({ status }) => status === 'fulfilled');
    expect((await bucket.bytesOf('condition/race')).toString()).toBe(`claimant ${winner}`);
  });

  test('If-Match replaces only the version it names', async () => {
    const { ETag } = await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/match', Body: 'one' }));
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/match', Body: 'two', IfMatch: ETag }));

    expect(
      await refusalOf(
        bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'condition/match', Body: 'three', IfMatch: ETag })),
      ),
    ).toMatchObject({ status: 412 });
    expect((await bucket.bytesOf('condition/match')).toString()).toBe('two');
  });

  test('a multipart upload can claim a key too', async () => {
    const Key = 'condition/multipart';
    await bucket.put(Key, 'there');
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const { ETag } = await bucket.send(
      new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'x' }),
    );
    const complete = new CompleteMultipartUploadCommand({
      Bucket: BUCKET,
      Key,
      UploadId,
      IfNoneMatch: '*',
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });

    expect(await refusalOf(bucket.send(complete))).toMatchObject({ status: 412 });
    expect((await bucket.bytesOf(Key)).toString()).toBe('there');
  });

  test('a read with the current ETag is 304, one with another If-Match is 412', async () => {
    const { ETag } = await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'range/digits' }));

    expect(
      await refusalOf(bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', IfNoneMatch: ETag }))),
    ).toMatchObject({ status: 304 });
    expect(
      await refusalOf(bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'range/digits', IfNoneMatch: ETag }))),
    ).toMatchObject({ status: 304 });
    expect(
      await refusalOf(bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'range/digits', IfMatch: '"other"' }))),
    ).toMatchObject({ status: 412 });
  });
});
