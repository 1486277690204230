import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import type { Express } from 'express';
import request from 'supertest';
import { UPLOAD_DAYS } from '../../../contracts/storage/retention';
import type { UploadView } from '../../../server/uploads/view';
import { waitFor } from '../../helpers/wait-for';
import { MemoryUploads } from './memory-uploads';
import { uploadApp } from './upload-app';

const START_MS = Date.UTC(2026, 10, 21, 10, 0, 0);
const DAY_MS = 24 * 3600 * 1000;

let nowMs: number;
let uploads: MemoryUploads;
let app: Express;
let user: string | null;

beforeEach(() => {
  nowMs = START_MS;
  user = null;
  uploads = new MemoryUploads(() => nowMs);
  app = uploadApp(uploads, { now: () => nowMs, userOf: async () => user });
});

const photo = { name: 'DJI_0001.JPG', bytes: 100 };
const other = { name: 'strip 2/DJI_0002.JPG', bytes: 200, modifiedAt: '2026-11-20T08:00:00Z', type: 'image/jpeg' };
/** Sent in 3 parts of 8 MiB, the last one of a byte. */
const archive = { name: 'flight.zip', bytes: 2 * 8 * 2 ** 20 + 1 };

async function created(...files: object[]): Promise<UploadView> {
  const { body } = await request(app)
    .post('/v1/uploads')
    .send({ files: files.length === 0 ? [photo, other] : files })
    .expect(201);
  return body as UploadView;
}
const arrive = (view: UploadView, file: number, bytes?: number): void => {
  const { key, bytes: announced } = view.missing[file]!;
  uploads.objects.set(key, bytes ?? announced);
};

describe('POST /v1/uploads', () => {
  test('says where each file goes, what a job starts with, and until when', async () => {
    const { body, headers } = await request(app)
      .post('/v1/uploads')
      .send({ name: ' Quarry ', files: [photo, other] })
      .expect(201);
    const { uploadId } = body as UploadView;
    const folder = `uploads/local/${uploadId}/photos/`;
    expect(uploadId).toMatch(/^[0-9a-f]{32}$/);
    expect(headers.location).toBe(`/v1/uploads/${uploadId}`);
    expect(body).toEqual({
      uploadId,
      name: 'Quarry',
      state: 'open',
      input: `s3://spaceport/${folder}`,
      createdAt: new Date(START_MS).toISOString(),
      expiresAt: new Date(START_MS + UPLOAD_DAYS * DAY_MS).toISOString(),
      completedAt: null,
      announced: { files: 2, bytes: 300 },
      arrived: { files: 0, bytes: 0 },
      missing: [
        { file: 0, name: photo.name, key: folder + photo.name, bytes: 100 },
        { file: 1, name: other.name, key: folder + other.name, bytes: 200 },
      ],
      differing: [],
      inParts: [],
    });
  });

  test('takes ten thousand files, whose manifest is far beyond the usual 64 KB', async () => {
    const files = Array.from({ length: 10_000 }, (_, index) => ({
      ...other,
      name: `${'a long folder name/'.repeat(5)}DJI_${index}.JPG`,
    }));
    const view = await created(...files);
    expect(view.announced).toEqual({ files: 10_000, bytes: 2_000_000 });
    expect(view.name).toBe('a long folder name');
    const { body } = await request(app)
      .post('/v1/uploads')
      .send({ files: [...files, photo] })
      .expect(400);
    expect(body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ field: 'files', message: 'must hold at most 10000 files' }],
    });
  });

  test('a body beyond its limit is refused with the limit', async () => {
    const { body } = await request(app)
      .post('/v1/uploads')
      .send({ files: [{ ...photo, name: 'x'.repeat(4 * 2 ** 20) }] })
      .expect(413);
    expect(body).toMatchObject({ code: 'BODY_TOO_LARGE', detail: 'this request has 4 MB at most' });
  });

  test.each([
    [{ files: [{ name: '../a.jpg', bytes: 1 }] }, 'files.0.name'],
    [{ files: [photo, { name: 'a.exe', bytes: 1 }] }, 'files.1.name'],
    [{ files: [photo, photo] }, 'files.1.name'],
    [{ files: [{ ...photo, bytes: 2 ** 40 }] }, 'files.0.bytes'],
    [{ files: [{ ...photo, bytes: 1.5 }] }, 'files.0.bytes'],
    [{ files: [{ ...photo, type: 'image/heic' }] }, 'files.0.type'],
    [{ files: [{ ...photo, modifiedAt: 'yesterday' }] }, 'files.0.modifiedAt'],
    [{ files: [{ ...photo, sha256: 'x' }] }, 'files.0.sha256'],
    [{ files: [photo], name: 'two\nlines' }, 'name'],
    [{ files: [] }, 'files'],
    [{ files: [{ name: 'geo.txt', bytes: 1 }] }, 'files'],
    [{}, 'files'],
  ])('%j is refused at %s, and nothing is made', async (body, field) => {
    const answer = await request(app).post('/v1/uploads').send(body).expect(400);
    const { code, errors } = answer.body as { code: string; errors: { field: string }[] };
    expect([code, errors.map((error) => error.field)]).toEqual(['INVALID_REQUEST', [field]]);
    expect(uploads.manifests.size).toBe(0);
  });

  test('a repeated Idempotency-Key is the same upload as it stands, another manifest under it is refused', async () => {
    const send = (files: object[], tenant = 'local') =>
      request(app).post('/v1/uploads').set({ 'Idempotency-Key': 'k1', 'x-tenant': tenant }).send({ files });
    const first = (await send([photo]).expect(201)).body as UploadView;
    arrive(first, 0);
    const again = (await send([photo]).expect(200)).body as UploadView;
    expect(again).toMatchObject({ uploadId: first.uploadId, arrived: { files: 1, bytes: 100 }, missing: [] });
    expect((await send([other]).expect(422)).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    const elsewhere = (await send([photo], 'acme').expect(201)).body as UploadView;
    expect(elsewhere.uploadId).not.toBe(first.uploadId);
    expect(elsewhere.input).toContain('uploads/acme/');
  });

  test('of many with one key at once, one makes the upload', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        request(app)
          .post('/v1/uploads')
          .set('Idempotency-Key', 'k2')
          .send({ files: [photo] }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => (body as UploadView).uploadId)).size).toBe(1);
  });

  test('of manifests that come slowly only so many are waited for; the next one is told to come again', async () => {
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const slow = Array.from({ length: 16 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        'POST /v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
      );
      return socket;
    });
    const send = () =>
      request(server)
        .post('/v1/uploads')
        .send({ files: [photo] });
    try {
      const refused = await waitFor('a refusal', async () => {
        const answer = await send();
        return answer.status === 503 ? answer : undefined;
      });
      expect(refused.body).toMatchObject({ code: 'OVERLOADED' });
      expect(refused.headers['retry-after']).toBe('2');
      slow[0]!.destroy();
      await waitFor('a place', async () => (await send()).status === 201);
    } finally {
      for (const socket of slow) socket.destroy();
      server.close();
    }
  });

  test('without S3 it is UNAVAILABLE, to be tried again', async () => {
    uploads.away = true;
    const { body, headers } = await request(app)
      .post('/v1/uploads')
      .send({ files: [photo] })
      .expect(503);
    expect(body).toMatchObject({ code: 'UNAVAILABLE' });
    expect(headers['retry-after']).toBe('5');
  });
});

describe('GET /v1/uploads/{uploadId}', () => {
  test('compares what arrived with the manifest', async () => {
    const view = await created(photo, other, { name: 'third.jpg', bytes: 3 });
    arrive(view, 0);
    arrive(view, 1, 150);
    await request(app).post(`/v1/uploads/${view.uploadId}/files/2/multipart`).send({}).expect(201);
    const { body } = await request(app).get(`/v1/uploads/${view.uploadId}`).expect(200);
    expect(body).toMatchObject({
      state: 'open',
      announced: { files: 3, bytes: 303 },
      arrived: { files: 1, bytes: 100 },
      missing: [{ file: 2, name: 'third.jpg' }],
      differing: [{ file: 1, name: other.name, bytes: 200, arrivedBytes: 150 }],
      inParts: [{ file: 2, name: 'third.jpg', multipartId: 'parts-1', startedAt: new Date(START_MS).toISOString() }],
    });
  });

  test('says when the time is over', async () => {
    const { uploadId } = await created();
    nowMs += UPLOAD_DAYS * DAY_MS;
    expect((await request(app).get(`/v1/uploads/${uploadId}`)).body).toMatchObject({ state: 'expired' });
  });
});

describe('POST /v1/uploads/{uploadId}/sign', () => {
  test.each([
    [{ method: 'PUT' }, 'put', { 'Content-Type': 'image/jpeg' }],
    [{ method: 'PUT', contentType: 'text/html' }, 'put', { 'Content-Type': 'image/jpeg' }],
    [{ method: 'POST' }, 'create', { 'Content-Type': 'image/jpeg' }],
    [{ method: 'PUT', uploadId: 'u', partNumber: 1 }, 'part', undefined],
    [{ method: 'GET', uploadId: 'u' }, 'parts', undefined],
    [{ method: 'POST', uploadId: 'u' }, 'complete', undefined],
    [{ method: 'DELETE', uploadId: 'u' }, 'abort', undefined],
  ])('%j is signed as %s, by key or by name', async (asked, kind, headers) => {
    const view = await created();
    const { key } = view.missing[1]!;
    for (const named of [key, other.name]) {
      const { body } = await request(app)
        .post(`/v1/uploads/${view.uploadId}/sign`)
        .send({ ...asked, key: named })
        .expect(200);
      expect(body).toEqual({
        url: `http://storage.test/${key}?kind=${kind}&seconds=900`,
        key,
        ...(headers && { headers }),
      });
    }
  });

  test('a shorter time may be asked for, a longer one not', async () => {
    const view = await created();
    const linkFor = async (expiresIn: number): Promise<string> => {
      const sent = { method: 'PUT', key: photo.name, expiresIn };
      const { body } = await request(app).post(`/v1/uploads/${view.uploadId}/sign`).send(sent).expect(200);
      return (body as { url: string }).url;
    };
    expect(await linkFor(60)).toMatch(/seconds=60$/);
    expect(await linkFor(86_400)).toMatch(/seconds=900$/);
  });

  test.each([
    [{ method: 'DELETE' }, 'method'],
    [{ method: 'GET' }, 'method'],
    [{ method: 'PATCH' }, 'method'],
    [{ method: 'PUT', uploadId: 'u' }, 'partNumber'],
    [{ method: 'PUT', partNumber: 1 }, 'uploadId'],
    [{ method: 'POST', uploadId: 'u', partNumber: 1 }, 'partNumber'],
    [{ method: 'PUT', uploadId: 'u', partNumber: 10_001 }, 'partNumber'],
    [{ method: 'PUT', uploadId: 'a b', partNumber: 1 }, 'uploadId'],
    [{ method: 'PUT', acl: 'public-read' }, 'acl'],
  ])('%j is no request that an upload needs: refused at %s', async (asked, field) => {
    const view = await created();
    const { body } = await request(app)
      .post(`/v1/uploads/${view.uploadId}/sign`)
      .send({ key: photo.name, ...asked })
      .expect(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
  });

  test('keys outside the manifest are refused: other names, the manifest, other folders, other uploads', async () => {
    const [view, elsewhere] = [await created(), await created()];
    for (const key of [
      'x.jpg',
      `${photo.name}/../x.jpg`,
      `uploads/local/${view.uploadId}/.upload/manifest.json`,
      `uploads/local/${view.uploadId}/${photo.name}`,
      'jobs/job123456/job.json',
      elsewhere.missing[0]!.key,
    ]) {
      const { body } = await request(app)
        .post(`/v1/uploads/${view.uploadId}/sign`)
        .send({ method: 'PUT', key })
        .expect(404);
      expect(body).toMatchObject({ code: 'UPLOAD_FILE_NOT_FOUND' });
    }
  });

  test('a file of more than 5 GB is signed in parts only, as S3 takes it', async () => {
    const view = await created({ name: 'flight.zip', bytes: 5 * 2 ** 30 + 1 });
    const { body } = await request(app)
      .post(`/v1/uploads/${view.uploadId}/sign`)
      .send({ method: 'PUT', key: 'flight.zip' })
      .expect(400);
    expect(body).toMatchObject({
      errors: [{ field: 'method', message: 'must be POST: a file of more than 5 GB goes in parts' }],
    });
  });
});

describe('POST /v1/uploads/{uploadId}/complete', () => {
  test('what is missing or of another size is named, and the upload stays open', async () => {
    const view = await created();
    arrive(view, 1, 150);
    const { body } = await request(app).post(`/v1/uploads/${view.uploadId}/complete`).send({}).expect(409);
    expect(body).toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      detail: 'of 2 files: 1 missing, 1 of another size; send what "errors" names, then complete the upload again',
      errors: [
        { field: photo.name, message: 'has not arrived' },
        { field: other.name, message: 'arrived with 150 bytes instead of 200' },
      ],
    });
    arrive(view, 0);
    arrive(view, 1);
    await request(app).post(`/v1/uploads/${view.uploadId}/complete`).send({}).expect(200);
  });

  test('it says the same a second time; then nothing is signed any more, and what was under way in parts is gone', async () => {
    const view = await created();
    await request(app).post(`/v1/uploads/${view.uploadId}/files/0/multipart`).send({}).expect(201);
    arrive(view, 0);
    arrive(view, 1);
    const complete = () => request(app).post(`/v1/uploads/${view.uploadId}/complete`).send({}).expect(200);
    const first = await complete();
    expect(first.body).toMatchObject({
      state: 'complete',
      expiresAt: null,
      completedAt: new Date(START_MS).toISOString(),
      arrived: { files: 2, bytes: 300 },
    });
    expect(uploads.multiparts.size).toBe(0);
    nowMs += 8 * DAY_MS;
    expect((await complete()).body).toEqual(first.body);
    for (const [path, body] of [
      ['sign', { method: 'PUT', key: photo.name }],
      ['files/0/multipart', {}],
    ] as const) {
      const refused = await request(app).post(`/v1/uploads/${view.uploadId}/${path}`).send(body).expect(409);
      expect(refused.body).toMatchObject({ code: 'UPLOAD_COMPLETE' });
    }
  });

  test('a hundred files are named of ten thousand that are missing', async () => {
    const view = await created(...Array.from({ length: 10_000 }, (_, index) => ({ name: `${index}.jpg`, bytes: 1 })));
    const { body } = await request(app).post(`/v1/uploads/${view.uploadId}/complete`).send({}).expect(409);
    expect((body as { errors: unknown[] }).errors).toHaveLength(100);
    expect(body).toMatchObject({
      detail: expect.stringContaining('of 10000 files: 10000 missing; send them ("errors" names the first 100)'),
    });
  });

  test('after its time nothing of an upload is taken', async () => {
    const view = await created();
    arrive(view, 0);
    arrive(view, 1);
    nowMs += UPLOAD_DAYS * DAY_MS;
    for (const [path, body] of [
      ['complete', {}],
      ['sign', { method: 'PUT', key: photo.name }],
    ] as const) {
      const refused = await request(app).post(`/v1/uploads/${view.uploadId}/${path}`).send(body).expect(410);
      expect(refused.body).toMatchObject({ code: 'UPLOAD_EXPIRED' });
    }
  });
});

describe('DELETE /v1/uploads/{uploadId}', () => {
  test('removes it, unless a job works with it', async () => {
    const view = await created();
    arrive(view, 0);
    user = 'job123456';
    const { body } = await request(app).delete(`/v1/uploads/${view.uploadId}`).expect(409);
    expect(body).toMatchObject({ code: 'UPLOAD_IN_USE', detail: expect.stringContaining('job123456') });
    expect(uploads.objects.size).toBe(1);
    user = null;
    await request(app).delete(`/v1/uploads/${view.uploadId}`).expect(204);
    expect([uploads.objects.size, uploads.manifests.size]).toEqual([0, 0]);
    await request(app).delete(`/v1/uploads/${view.uploadId}`).expect(404);
  });
});

test("another tenant's upload, an unknown id and what is no id do not exist, for every route", async () => {
  const view = await created(archive);
  await request(app).post(`/v1/uploads/${view.uploadId}/files/0/multipart`).send({}).expect(201);
  const routes: [method: 'get' | 'post' | 'delete', path: string, body?: object][] = [
    ['get', ''],
    ['delete', ''],
    ['post', '/sign', { method: 'PUT', key: archive.name }],
    ['post', '/complete', {}],
    ['post', '/files/0/multipart', {}],
    ['get', '/files/0/multipart/parts-1'],
    ['post', '/files/0/multipart/parts-1/sign', { partNumbers: [1] }],
    ['post', '/files/0/multipart/parts-1/complete', {}],
    ['delete', '/files/0/multipart/parts-1'],
  ];
  const asked: [tenant: string, uploadId: string][] = [
    ['acme', view.uploadId],
    ['local', 'f'.repeat(32)],
    ['local', '..%2F..%2Fjobs'],
  ];
  for (const [method, path, body] of routes)
    for (const [tenant, uploadId] of asked) {
      const answer = await request(app)[method](`/v1/uploads/${uploadId}${path}`).set('x-tenant', tenant).send(body);
      expect([method, path, answer.status, (answer.body as { code: string }).code]).toEqual([
        method,
        path,
        404,
        'UPLOAD_NOT_FOUND',
      ]);
    }
  expect(uploads.multiparts.size).toBe(1);
});
