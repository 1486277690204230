/** Header values beyond ASCII: clients send and sign them in different ways, and each gets back what it sent. */
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BUCKET, BucketUnderTest, send } from '../harness';
import { putRaw, signedPut } from '../signed-request';

const bucket = new BucketUnderTest();

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

/** Bytes in the guise that Node gives to headers. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test.each([
  ['UTF-8, its bytes signed (boto3, curl)', utf8, 'latin1'],
  ['UTF-8, read as Latin-1 and signed as UTF-8', utf8, 'utf8'],
  ['Latin-1, signed as UTF-8 (the AWS SDK for JavaScript)', (text: string) => text, 'utf8'],
  ['Latin-1, its bytes signed', (text: string) => text, 'latin1'],
] as const)('a value sent as %s is accepted and comes back byte for byte', async (_name, guise, encoding) => {
  const disposition = guise('attachment; filename="été à.jpg"');
  const note = guise('à'); // its last byte in UTF-8 is that of a Latin-1 blank
  const { headers } = signedPut(
    bucket.s3.endpoint,
    'accents',
    'UNSIGNED-PAYLOAD',
    { 'content-disposition': disposition, 'x-amz-meta-note': note },
    encoding,
  );

  const put = await putRaw(bucket.s3.endpoint, 'accents', { ...headers, 'content-length': '1' }, 'x');
  const got = await send(await getSignedUrl(bucket.client, new GetObjectCommand({ Bucket: BUCKET, Key: 'accents' })));

  expect([put.status, got.headers['content-disposition'], got.headers['x-amz-meta-note']]).toEqual([
    200,
    disposition,
    note,
  ]);
});

test('a changed byte of such a value is SignatureDoesNotMatch', async () => {
  const { headers } = signedPut(
    bucket.s3.endpoint,
    'changed',
    'UNSIGNED-PAYLOAD',
    { 'x-amz-meta-note': utf8('é') },
    'latin1',
  );

  const tampered = { ...headers, 'x-amz-meta-note': utf8('è'), 'content-length': '1' };
  const answer = await putRaw(bucket.s3.endpoint, 'changed', tampered, 'x');

  expect([answer.status, /<Code>(\w+)/.exec(answer.text)?.[1]]).toEqual([403, 'SignatureDoesNotMatch']);
});

test('the AWS SDK gets back the text that it sent', async () => {
  const object = { Bucket: BUCKET, Key: 'sdk' };
  for (const Body of ['text', Buffer.from('bytes')]) {
    // Node sends the headers before text as UTF-8, those before bytes as Latin-1.
    await bucket.send(new PutObjectCommand({ ...object, Metadata: { pilot: 'Zoë' }, Body }));
    const { Metadata } = await bucket.send(new HeadObjectCommand(object));

    expect(['Zoë', utf8('Zoë')]).toContain(Metadata!.pilot);
  }
});

test('metadata in a link, which is text of any script, comes back as UTF-8', async () => {
  const url = await getSignedUrl(
    bucket.linkSigner,
    new PutObjectCommand({ Bucket: BUCKET, Key: 'linked', Metadata: { place: '写真' } }),
  );
  await send(url, { method: 'PUT', body: Buffer.from('x') });

  const got = await send(await getSignedUrl(bucket.client, new GetObjectCommand({ Bucket: BUCKET, Key: 'linked' })));

  expect([got.status, got.headers['x-amz-meta-place']]).toEqual([200, utf8('写真')]);
});

test('metadata in a link that no header could carry back is refused', async () => {
  const url = await getSignedUrl(
    bucket.linkSigner,
    new PutObjectCommand({ Bucket: BUCKET, Key: 'unreadable', Metadata: { note: 'two\nlines' } }),
  );

  const answer = await send(url, { method: 'PUT', body: Buffer.from('x') });

  expect([answer.status, /<Code>(\w+)/.exec(answer.body)?.[1]]).toEqual([400, 'InvalidArgument']);
});

test('the source of a copy may be named in UTF-8 without percent-encoding', async () => {
  await bucket.put('photos/é.jpg', 'photo');
  const source = utf8(`${BUCKET}/photos/é.jpg`);
  const { headers } = signedPut(
    bucket.s3.endpoint,
    'copy',
    'UNSIGNED-PAYLOAD',
    { 'x-amz-copy-source': source },
    'latin1',
  );

  const answer = await putRaw(bucket.s3.endpoint, 'copy', { ...headers, 'content-length': '0' });

  expect(answer.status).toBe(200);
  expect((await bucket.bytesOf('copy')).toString()).toBe('photo');
});
