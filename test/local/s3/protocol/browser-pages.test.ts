/** What pages in a browser may do. */
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BUCKET, BucketUnderTest, PAGE_ORIGIN, send } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('pages in a browser', () => {
  const preflight = (origin: string): Promise<Awaited<ReturnType<typeof send>>> =>
    send(`${bucket.s3.endpoint}/${BUCKET}/photo.jpg`, {
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
    const url = await getSignedUrl(bucket.client, new HeadBucketCommand({ Bucket: BUCKET }));
    const good = await send(url, { method: 'HEAD', headers: { origin: PAGE_ORIGIN } });
    const bad = await send(`${bucket.s3.endpoint}/${BUCKET}/x`, { headers: { origin: PAGE_ORIGIN } });

    expect(good).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': PAGE_ORIGIN } });
    expect(good.headers['access-control-expose-headers']).toContain('ETag');
    expect(bad).toMatchObject({ status: 403, headers: { 'access-control-allow-origin': PAGE_ORIGIN } });
  });
});
