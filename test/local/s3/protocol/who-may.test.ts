/** Who is refused, and what a refusal says. */
import {
  GetBucketAclCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ACCESS_KEY_ID, BUCKET, BucketUnderTest, REGION, refusalOf, send } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('who may', () => {
  test('a wrong secret is SignatureDoesNotMatch', async () => {
    const stranger = bucket.s3.client({ credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: 'wrong' } });

    expect(await refusalOf(stranger.send(new ListObjectsV2Command({ Bucket: BUCKET })))).toEqual({
      name: 'SignatureDoesNotMatch',
      status: 403,
    });
  });

  test('an unknown access key is InvalidAccessKeyId', async () => {
    const stranger = bucket.s3.client({ credentials: { accessKeyId: 'AKIDUNKNOWN', secretAccessKey: 'any' } });

    expect(await refusalOf(stranger.send(new ListBucketsCommand({})))).toEqual({
      name: 'InvalidAccessKeyId',
      status: 403,
    });
  });

  test('a signature for another region is refused and told the right one', async () => {
    const stranger = bucket.s3.client({ region: 'eu-central-1' });

    expect(await refusalOf(stranger.send(new ListBucketsCommand({})))).toEqual({
      name: 'AuthorizationHeaderMalformed',
      status: 400,
    });
    const link = await send(await getSignedUrl(stranger, new ListObjectsV2Command({ Bucket: BUCKET })));
    expect([link.status, /<Code>(\w+)/.exec(link.body)?.[1]]).toEqual([400, 'AuthorizationQueryParametersError']);
    expect(link.body).toContain(`<Region>${REGION}</Region>`);
  });

  test('a signature of version 2 is told which version to use', async () => {
    const link = await send(`${bucket.s3.endpoint}/${BUCKET}/k?AWSAccessKeyId=${ACCESS_KEY_ID}&Signature=x&Expires=1`);
    const request = await send(`${bucket.s3.endpoint}/${BUCKET}/k`, {
      headers: { authorization: `AWS ${ACCESS_KEY_ID}:x` },
    });

    for (const { status, body } of [link, request]) {
      expect(status).toBe(400);
      expect(body).toContain('<Code>InvalidRequest</Code>');
      expect(body).toContain('Please use AWS4-HMAC-SHA256');
    }
  });

  test('a client that follows regions finds the right one by itself', async () => {
    const traveller = bucket.s3.client({ region: 'eu-central-1', followRegionRedirects: true });

    expect((await traveller.send(new HeadBucketCommand({ Bucket: BUCKET }))).BucketRegion).toBe(REGION);
  });

  test('every refusal about a bucket names its region, also to a stranger and without a body', async () => {
    for (const [method, path, status] of [
      ['GET', `/${BUCKET}`, 403],
      ['HEAD', `/${BUCKET}`, 403],
      ['HEAD', `/${BUCKET}/key`, 403],
    ] as const) {
      const answer = await send(bucket.s3.endpoint + path, { method });
      expect([method, answer.status, answer.headers['x-amz-bucket-region']]).toEqual([method, status, REGION]);
    }
    const missing = await send(await getSignedUrl(bucket.client, new ListObjectsV2Command({ Bucket: 'not-there' })));
    expect([missing.status, missing.headers['x-amz-bucket-region']]).toEqual([404, undefined]);
  });

  test('an owner that is expected and is not this one is AccessDenied', async () => {
    const list = (ExpectedBucketOwner: string): Promise<unknown> =>
      bucket.send(new ListObjectsV2Command({ Bucket: BUCKET, ExpectedBucketOwner }));

    expect(await refusalOf(list('123456789012'))).toEqual({ name: 'AccessDenied', status: 403 });
    await list('000000000000');
  });

  test('only the owner has a grant, and nobody else can be given one', async () => {
    const { Owner, Grants } = await bucket.send(new GetBucketAclCommand({ Bucket: BUCKET }));
    const open = new PutObjectCommand({ Bucket: BUCKET, Key: 'open', Body: 'x', ACL: 'public-read' });

    expect(Grants).toEqual([{ Grantee: { ...Owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
    expect(await refusalOf(bucket.send(open))).toEqual({ name: 'AccessControlListNotSupported', status: 400 });
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'closed', Body: 'x', ACL: 'private' }));
  });

  test('a clock that is an hour off is RequestTimeTooSkewed', async () => {
    const late = bucket.s3.client({ systemClockOffset: -3_600_000 });

    expect(await refusalOf(late.send(new ListBucketsCommand({})))).toEqual({
      name: 'RequestTimeTooSkewed',
      status: 403,
    });
  });

  test('an anonymous request is AccessDenied', async () => {
    for (const path of ['/', `/${BUCKET}`, `/${BUCKET}/range/digits`]) {
      const answer = await send(bucket.s3.endpoint + path);
      expect([answer.status, answer.headers['content-type']]).toEqual([403, 'application/xml']);
      expect(answer.body).toContain('<Code>AccessDenied</Code>');
    }
  });
});
