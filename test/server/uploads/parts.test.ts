import type { Express } from 'express';
import request from 'supertest';
import type { UploadView } from '../../../server/uploads/view';
import { MemoryUploads } from './memory-uploads';
import { uploadApp } from './upload-app';

const PART = 8 * 2 ** 20;
/** Sent in 3 parts of 8 MiB, the last one of a byte. */
const archive = { name: 'flight.zip', bytes: 2 * PART + 1 };
const nowMs = Date.UTC(2026, 10, 21, 10, 0, 0);

let uploads: MemoryUploads;
let app: Express;

beforeEach(() => {
  uploads = new MemoryUploads(() => nowMs);
  app = uploadApp(uploads, { now: () => nowMs, userOf: async () => null });
});

describe('files in parts', () => {
  const begun = async (): Promise<{
    view: UploadView;
    at: string;
    parts: { partNumber: number; bytes: number; etag: string }[];
  }> => {
    const created = await request(app)
      .post('/v1/uploads')
      .send({ files: [archive] })
      .expect(201);
    const view = created.body as UploadView;
    const { body } = await request(app).post(`/v1/uploads/${view.uploadId}/files/0/multipart`).send({}).expect(201);
    expect(body).toEqual({ multipartId: 'parts-1', partBytes: PART, parts: 3 });
    const { parts } = uploads.multiparts.get('parts-1')!;
    return { view, at: `/v1/uploads/${view.uploadId}/files/0/multipart/parts-1`, parts };
  };

  test('each part has a link that is good for its own bytes, and the listing says which have arrived', async () => {
    const { at, parts } = await begun();
    const { body } = await request(app)
      .post(`${at}/sign`)
      .send({ partNumbers: [1, 3] })
      .expect(200);
    expect(body).toMatchObject({
      links: [
        { partNumber: 1, bytes: PART, url: expect.stringContaining('kind=part&seconds=900') },
        { partNumber: 3, bytes: 1 },
      ],
    });
    parts.push({ partNumber: 1, bytes: PART, etag: '"1"' });
    expect((await request(app).get(at).expect(200)).body).toEqual({ parts: [{ partNumber: 1, bytes: PART }] });
  });

  test('they are joined when all have arrived whole, and not before', async () => {
    const { view, at, parts } = await begun();
    parts.push({ partNumber: 1, bytes: PART, etag: '"1"' }, { partNumber: 2, bytes: PART - 1, etag: '"2"' });
    const { body } = await request(app).post(`${at}/complete`).send({}).expect(409);
    expect(body).toMatchObject({
      code: 'PARTS_MISSING',
      detail: '2 of 3 parts have not arrived whole: 2, 3; send them, then complete the file again',
    });
    parts.splice(1, 1, { partNumber: 2, bytes: PART, etag: '"2"' }, { partNumber: 3, bytes: 1, etag: '"3"' });
    await request(app).post(`${at}/complete`).send({}).expect(204);
    expect((await request(app).get(`/v1/uploads/${view.uploadId}`)).body).toMatchObject({
      arrived: { files: 1, bytes: archive.bytes },
      inParts: [],
    });
    expect((await request(app).post(`${at}/complete`).send({}).expect(404)).body).toMatchObject({
      code: 'MULTIPART_NOT_FOUND',
    });
  });

  test('they can be discarded, also twice', async () => {
    const { at } = await begun();
    await request(app).delete(at).expect(204);
    await request(app).delete(at).expect(204);
    expect((await request(app).get(at).expect(404)).body).toMatchObject({ code: 'MULTIPART_NOT_FOUND' });
  });

  test('a number beyond the file, a file beyond the manifest and too many links are refused', async () => {
    const { view, at } = await begun();
    expect(
      (
        await request(app)
          .post(`${at}/sign`)
          .send({ partNumbers: [1, 4] })
          .expect(400)
      ).body,
    ).toMatchObject({
      errors: [{ field: 'partNumbers.1', message: 'must be at most 3: the file has no more parts' }],
    });
    const numbers = Array.from({ length: 101 }, () => 1);
    await request(app).post(`${at}/sign`).send({ partNumbers: numbers }).expect(400);
    const beyond = await request(app).post(`/v1/uploads/${view.uploadId}/files/1/multipart`).send({}).expect(404);
    expect(beyond.body).toMatchObject({ code: 'UPLOAD_FILE_NOT_FOUND' });
    await request(app).post(`/v1/uploads/${view.uploadId}/files/first/multipart`).send({}).expect(400);
  });
});
