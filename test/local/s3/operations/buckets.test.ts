/** Buckets, with the AWS SDK. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  PutBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  type BucketLocationConstraint,
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
    for (const name of ['Upper', 'ab', 'a..b', '-ab', '.hidden', 'a.-b', 'a-.b', '192.168.5.123', 'xn--abc']) {
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

  test('a bucket says that it never had versions, and cannot be given any', async () => {
    const { Status } = await bucket.send(new GetBucketVersioningCommand({ Bucket: BUCKET }));
    const enable = new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } });

    expect(Status).toBeUndefined();
    expect(await refusalOf(bucket.send(enable))).toEqual({ name: 'NotImplemented', status: 501 });
  });

  test('buckets come in pages where a client asks for them', async () => {
    for (const name of ['paged-1', 'paged-2', 'paged-3']) await bucket.send(new CreateBucketCommand({ Bucket: name }));

    const first = await bucket.send(new ListBucketsCommand({ Prefix: 'paged-', MaxBuckets: 2 }));
    const { ContinuationToken } = first;
    const second = await bucket.send(new ListBucketsCommand({ Prefix: 'paged-', MaxBuckets: 2, ContinuationToken }));

    expect(first.Buckets!.map(({ Name }) => Name)).toEqual(['paged-1', 'paged-2']);
    expect(second.Buckets!.map(({ Name }) => Name)).toEqual(['paged-3']);
    expect(second.ContinuationToken).toBeUndefined();
    expect(second.Owner!.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a bucket is made in the own region, and in no other', async () => {
    const createIn = (Bucket: string, LocationConstraint: BucketLocationConstraint): Promise<unknown> =>
      bucket.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));

    expect(await refusalOf(createIn('far-away', 'eu-central-1'))).toEqual({
      name: 'InvalidLocationConstraint',
      status: 400,
    });
    await createIn('near-by', 'us-west-2');
  });

  test('what would change the meaning of an upload and is not served is refused, not ignored', async () => {
    const put = { Bucket: BUCKET, Key: 'k', Body: 'x' };
    for (const more of [
      { ServerSideEncryption: 'AES256' as const },
      { Tagging: 'a=b' },
      { WebsiteRedirectLocation: '/' },
    ])
      expect(await refusalOf(bucket.send(new PutObjectCommand({ ...put, ...more })))).toEqual({
        name: 'NotImplemented',
        status: 501,
      });
  });

  test('an operation that is not served is NotImplemented, not something else', async () => {
    expect(await refusalOf(bucket.send(new GetBucketPolicyCommand({ Bucket: BUCKET })))).toEqual({
      name: 'NotImplemented',
      status: 501,
    });
  });
});
