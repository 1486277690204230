/** Buckets, with the AWS SDK. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, refusalOf } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('buckets', () => {
  test('a bucket that exists is found and listed, one that does not is NotFound', async () => {
    const { Buckets = [] } = await bucket.send(new ListBucketsCommand({}));

    expect(Buckets.map(({ Name }) => Name)).toContain(BUCKET);
    await bucket.send(new HeadBucketCommand({ Bucket: BUCKET }));
    expect(await refusalOf(bucket.send(new HeadBucketCommand({ Bucket: 'nowhere-at-all' })))).toMatchObject({
      status: 404,
    });
    expect(
      await refusalOf(bucket.send(new PutObjectCommand({ Bucket: 'nowhere-at-all', Key: 'k', Body: 'x' }))),
    ).toEqual({ name: 'NoSuchBucket', status: 404 });
  });

  test('creating a bucket twice says that it is already yours', async () => {
    expect(await refusalOf(bucket.send(new CreateBucketCommand({ Bucket: BUCKET })))).toEqual({
      name: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
  });

  test('a bucket name that is not one is refused', async () => {
    for (const name of ['Upper', 'ab', 'a..b', '-ab', '.hidden']) {
      expect(await refusalOf(bucket.send(new CreateBucketCommand({ Bucket: name })))).toMatchObject({
        name: 'InvalidBucketName',
      });
    }
  });

  test('only an empty bucket can be deleted', async () => {
    const Bucket = 'short-lived';
    await bucket.send(new CreateBucketCommand({ Bucket }));
    await bucket.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));

    expect(await refusalOf(bucket.send(new DeleteBucketCommand({ Bucket })))).toEqual({
      name: 'BucketNotEmpty',
      status: 409,
    });
    await bucket.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await bucket.send(new DeleteBucketCommand({ Bucket }));

    expect(await refusalOf(bucket.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
  });

  test('an operation that is not served is NotImplemented, not something else', async () => {
    expect(await refusalOf(bucket.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toEqual({
      name: 'NotImplemented',
      status: 501,
    });
  });
});
