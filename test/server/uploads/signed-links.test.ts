/** Links as the server signs them, against the real local S3. */
import type { Express } from 'express';
import request from 'supertest';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { createUploadStorage } from '../../../server/uploads/uploads';
import type { PartLink } from '../../../server/uploads/parts';
import type { SignedRequest } from '../../../server/uploads/sign';
import type { UploadView } from '../../../server/uploads/view';
import { waitFor } from '../../helpers/wait-for';
import { BUCKET, BucketUnderTest, PAGE_ORIGIN, patternBytes, send, type RawAnswer } from '../../local/s3/harness';
import { uploadApp } from './upload-app';

const bucket = new BucketUnderTest();
let app: Express;

beforeAll(async () => {
  await bucket.start();
  const storage = createUploadStorage({ s3: bucket.client, signing: bucket.linkSigner, bucket: BUCKET });
  app = uploadApp(storage, { bucket: BUCKET });
});
afterAll(() => bucket.remove());

const MIB = 2 ** 20;
const NAMES = ['DJI_0001.JPG', 'été & co/a+b #1%20?.png', 'geo.txt'];
const PHOTO = patternBytes(1000);

const post = async <T>(path: string, body: object, status: number): Promise<T> => {
  const answer = await request(app).post(path).send(body);
  expect([path, answer.status, answer.status === status || answer.body]).toEqual([path, status, true]);
  return answer.body as T;
};
const announced = (files: object[]): Promise<UploadView> => post('/v1/uploads', { files }, 201);
const sign = ({ uploadId }: UploadView, asked: object): Promise<SignedRequest> =>
  post(`/v1/uploads/${uploadId}/sign`, asked, 200);
const put = ({ url, headers }: SignedRequest, body: Buffer, changes: Record<string, string> = {}): Promise<RawAnswer> =>
  send(url, {
    method: 'PUT',
    body,
    headers: { origin: PAGE_ORIGIN, 'content-length': body.length, ...headers, ...changes },
  });
const codeOf = ({ status, body }: RawAnswer): unknown[] => [status, /<Code>(\w+)/.exec(body)?.[1]];

test('files go where the manifest says, under the type of their name, whatever their names hold', async () => {
  const view = await announced(NAMES.map((name) => ({ name, bytes: PHOTO.length })));
  for (const name of NAMES) expect((await put(await sign(view, { method: 'PUT', key: name }), PHOTO)).status).toBe(200);
  const { body } = await request(app).get(`/v1/uploads/${view.uploadId}`).expect(200);
  expect(body).toMatchObject({ arrived: { files: 3, bytes: 3000 }, missing: [], differing: [] });
  const types = await Promise.all(
    view.missing.map(({ key }) => bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }))),
  );
  expect(types.map(({ ContentType }) => ContentType)).toEqual(['image/jpeg', 'image/png', 'text/plain']);
  await post(`/v1/uploads/${view.uploadId}/complete`, {}, 200);
});

test('a link stores no other key, type, size or method than it was signed for', async () => {
  const view = await announced([
    { name: 'a.jpg', bytes: PHOTO.length },
    { name: 'b.jpg', bytes: PHOTO.length },
  ]);
  const signed = await sign(view, { method: 'PUT', key: 'a.jpg' });
  const { url } = signed;
  const otherKey = { ...signed, url: url.replace('/a.jpg', '/b.jpg') };
  const longer = { ...signed, url: url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400') };
  const refused = [
    await put(otherKey, PHOTO),
    await put(longer, PHOTO),
    await put(signed, PHOTO, { 'Content-Type': 'text/html' }),
    await put(signed, Buffer.concat([PHOTO, PHOTO])),
    await put(signed, PHOTO.subarray(1)),
    await send(url, { method: 'GET' }),
    await send(url, { method: 'DELETE' }),
  ];
  expect(refused.map(codeOf)).toEqual(refused.map(() => [403, 'SignatureDoesNotMatch']));
  expect(codeOf(await put(signed, PHOTO, { 'x-amz-acl': 'public-read' }))).toEqual([403, 'AccessDenied']);
  expect((await request(app).get(`/v1/uploads/${view.uploadId}`)).body).toMatchObject({ arrived: { files: 0 } });
  expect((await put(signed, PHOTO)).status).toBe(200);
});

test('a link is good for nothing when its time is over', async () => {
  const view = await announced([{ name: 'a.jpg', bytes: PHOTO.length }]);
  const signed = await sign(view, { method: 'PUT', key: 'a.jpg', expiresIn: 1 });
  const expired = await waitFor('the link to expire', async () => {
    const answer = await send(signed.url, { method: 'GET' });
    return answer.body.includes('Request has expired') ? put(signed, PHOTO) : undefined;
  });
  expect(codeOf(expired)).toEqual([403, 'AccessDenied']);
});

test('a file in parts by signed requests, as Uppy makes them: begun, sent, listed, joined', async () => {
  const file = patternBytes(5 * MIB + 7);
  const view = await announced([{ name: 'flight.zip', bytes: file.length }]);
  const begun = await sign(view, { method: 'POST', key: 'flight.zip' });
  const { body } = await send(begun.url, { method: 'POST', headers: { ...begun.headers } });
  const uploadId = /<UploadId>([^<]+)/.exec(body)![1]!;
  const etags: string[] = [];
  for (const [index, part] of [file.subarray(0, 5 * MIB), file.subarray(5 * MIB)].entries()) {
    const signed = await sign(view, { method: 'PUT', key: begun.key, uploadId, partNumber: index + 1 });
    etags.push((await put(signed, part)).headers.etag!);
  }
  const listed = await send((await sign(view, { method: 'GET', key: begun.key, uploadId })).url);
  expect(listed.body.match(/<PartNumber>\d/g)).toHaveLength(2);
  const joined = await sign(view, { method: 'POST', key: begun.key, uploadId });
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  const document = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  const answer = await send(joined.url, {
    method: 'POST',
    headers: { 'content-type': 'application/xml', 'content-length': document.length },
    body: document,
  });
  expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('<ETag>')]);
  await post(`/v1/uploads/${view.uploadId}/complete`, {}, 200);
  const { key } = view.missing[0]!;
  expect((await bucket.bytesOf(key)).equals(file)).toBe(true);
  const { ContentType } = await bucket.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
  expect(ContentType).toBe('application/zip');
});

test('parts that were begun by a signed request can be discarded by one', async () => {
  const view = await announced([{ name: 'flight.zip', bytes: 6 * MIB }]);
  const begun = await sign(view, { method: 'POST', key: 'flight.zip' });
  const { body } = await send(begun.url, { method: 'POST', headers: { ...begun.headers } });
  const uploadId = /<UploadId>([^<]+)/.exec(body)![1]!;
  const inParts = async (): Promise<unknown[]> => {
    const view2 = (await request(app).get(`/v1/uploads/${view.uploadId}`)).body as UploadView;
    return view2.inParts.map(({ multipartId }) => multipartId);
  };
  expect(await inParts()).toEqual([uploadId]);
  const { status } = await send((await sign(view, { method: 'DELETE', key: begun.key, uploadId })).url, {
    method: 'DELETE',
  });
  expect([status, await inParts()]).toEqual([204, []]);
});

test('a plain client sends a file in parts without a word of S3, and resumes after a lost part', async () => {
  const file = patternBytes(16 * MIB + 5);
  const view = await announced([
    { name: 'geo.txt', bytes: 3 },
    { name: 'flight.zip', bytes: file.length },
  ]);
  const begun = await post<{ multipartId: string; partBytes: number; parts: number }>(
    `/v1/uploads/${view.uploadId}/files/1/multipart`,
    {},
    201,
  );
  const at = `/v1/uploads/${view.uploadId}/files/1/multipart/${encodeURIComponent(begun.multipartId)}`;
  const partOf = (number: number): Buffer => file.subarray((number - 1) * begun.partBytes, number * begun.partBytes);
  const { links } = await post<{ links: PartLink[] }>(`${at}/sign`, { partNumbers: [1, 2, 3] }, 200);
  for (const { url, partNumber } of links.slice(0, 2))
    expect((await send(url, { method: 'PUT', body: partOf(partNumber) })).status).toBe(200);

  expect(codeOf(await send(links[2]!.url, { method: 'PUT', body: Buffer.alloc(6) }))).toEqual([
    403,
    'SignatureDoesNotMatch',
  ]);
  expect((await request(app).get(at).expect(200)).body).toEqual({
    parts: [
      { partNumber: 1, bytes: 8 * MIB },
      { partNumber: 2, bytes: 8 * MIB },
    ],
  });
  expect((await request(app).post(`${at}/complete`).send({}).expect(409)).body).toMatchObject({
    code: 'PARTS_MISSING',
  });
  await send(links[2]!.url, { method: 'PUT', body: partOf(3) });
  await request(app).post(`${at}/complete`).send({}).expect(204);

  expect((await bucket.bytesOf(view.missing[1]!.key)).equals(file)).toBe(true);
});

test('ids of parts that are not of this file, or of no form that S3 gives, are not found', async () => {
  const view = await announced([{ name: 'a.zip', bytes: 6 * MIB }]);
  const other = await announced([{ name: 'b.zip', bytes: 6 * MIB }]);
  const { multipartId } = await post<{ multipartId: string }>(
    `/v1/uploads/${other.uploadId}/files/0/multipart`,
    {},
    201,
  );
  for (const id of [multipartId, 'x', '..%2F..', 'a%3Fb%26c']) {
    const at = `/v1/uploads/${view.uploadId}/files/0/multipart/${id}`;
    expect((await request(app).get(at)).body).toMatchObject({ status: 404, code: 'MULTIPART_NOT_FOUND' });
    await request(app).delete(at).expect(204);
  }
  expect((await request(app).get(`/v1/uploads/${other.uploadId}`)).body).toMatchObject({ inParts: [{ multipartId }] });
});

test('an upload is what S3 holds: another server sees it, and its removal takes files, parts and manifest', async () => {
  const view = await announced([
    { name: 'a.jpg', bytes: PHOTO.length },
    { name: 'b.jpg', bytes: 6 * MIB },
  ]);
  await put(await sign(view, { method: 'PUT', key: 'a.jpg' }), PHOTO);
  await post(`/v1/uploads/${view.uploadId}/files/1/multipart`, {}, 201);
  const storage = createUploadStorage({ s3: bucket.client, signing: bucket.linkSigner, bucket: BUCKET });
  const another = uploadApp(storage, { bucket: BUCKET });
  expect((await request(another).get(`/v1/uploads/${view.uploadId}`)).body).toMatchObject({
    arrived: { files: 1 },
    inParts: [{ name: 'b.jpg' }],
  });
  await request(another).delete(`/v1/uploads/${view.uploadId}`).expect(204);
  await request(app).get(`/v1/uploads/${view.uploadId}`).expect(404);
  expect(await bucket.keysBelow(`uploads/local/${view.uploadId}/`)).toEqual([]);
  expect(await storage.store.openMultiparts('local', view.uploadId)).toEqual([]);
});
