/** Presigned links. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BUCKET, BucketUnderTest, send } from '../harness';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

describe('presigned links', () => {
  beforeAll(() => bucket.put('link/photo', '0123456789'));
  const photo = { Bucket: BUCKET, Key: 'link/photo' };

  test('a link reads the object, and a range of it', async () => {
    const url = await getSignedUrl(bucket.client, new GetObjectCommand(photo));

    expect(await (await fetch(url)).text()).toBe('0123456789');
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
  });

  test('a link decides type and file name of the download', async () => {
    const url = await getSignedUrl(
      bucket.client,
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
      bucket.linkSigner,
      new PutObjectCommand({ Bucket: BUCKET, Key: 'link/put', ContentType: 'image/jpeg' }),
    );

    expect(
      (await fetch(url, { method: 'PUT', body: 'by link', headers: { 'content-type': 'image/jpeg' } })).status,
    ).toBe(200);
    expect((await bucket.bytesOf('link/put')).toString()).toBe('by link');
  });

  test('a link signed with the checksum of an empty body still writes, as on S3', async () => {
    const url = await getSignedUrl(bucket.client, new PutObjectCommand({ Bucket: BUCKET, Key: 'link/put-default' }));

    expect(url).toContain('x-amz-checksum-crc32=AAAAAA');
    expect((await fetch(url, { method: 'PUT', body: 'not empty' })).status).toBe(200);
    expect((await bucket.bytesOf('link/put-default')).toString()).toBe('not empty');
  });

  test('links upload the parts of a multipart upload', async () => {
    const Key = 'link/multipart';
    const { UploadId } = await bucket.linkSigner.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
    const url = await getSignedUrl(
      bucket.linkSigner,
      new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1 }),
    );
    const answer = await fetch(url, { method: 'PUT', body: 'part by link' });
    const Parts = [{ PartNumber: 1, ETag: answer.headers.get('etag')! }];
    await bucket.linkSigner.send(
      new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }),
    );

    expect((await bucket.bytesOf(Key)).toString()).toBe('part by link');
  });

  test('metadata signed into a link is kept with the object', async () => {
    const url = await getSignedUrl(
      bucket.linkSigner,
      new PutObjectCommand({ Bucket: BUCKET, Key: 'link/metadata', Metadata: { camera: 'x' } }),
    );
    await fetch(url, { method: 'PUT', body: 'x' });

    expect((await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'link/metadata' }))).Metadata).toEqual({
      camera: 'x',
    });
  });

  test('a link for one key, method or time does not serve another', async () => {
    const url = await getSignedUrl(bucket.client, new GetObjectCommand(photo));
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
    const url = await getSignedUrl(bucket.client, new GetObjectCommand(photo), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 61_000),
    });

    const answer = await send(url);

    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<Message>Request has expired</Message>');
  });
});
