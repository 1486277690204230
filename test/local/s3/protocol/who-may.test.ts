/** Who is refused, and what a refusal says. */
import { ListBucketsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ACCESS_KEY_ID, BUCKET, BucketUnderTest, refusalOf, send } from '../harness';

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
