import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../cli/usage-error';
import { takenByUploads, uploadThroughApi } from '../../cli/server/api-upload';
import { findPhotos } from '../../cli/server/photo-upload';
import { SpaceportApi } from '../../cli/server/spaceport-api';
import { S3Error } from '../../local/s3/s3-error';
import { fileBytes } from '../helpers/uppy/upload-in-browser';
import { uploadServer, type UploadServer } from '../helpers/uppy/upload-server';
import { removeFolder, temporaryFolder } from '../local/s3/harness';

const MIB = 2 ** 20;
/** As the server cuts files. */
const PART_BYTES = 8 * MIB;

let folder: string;
let server: UploadServer;
/** Photos that were sent. */
let puts: number;
let isRefused: boolean;

/** A server whose links lead over a connection that breaks after so many bytes. */
async function serve(afterBytes: number): Promise<SpaceportApi> {
  server = await uploadServer({ afterBytes, how: 'reset' }, (name, { request }, proceed) => {
    if (name !== 'PutObject' || !request.path.includes('/photos/')) return proceed();
    puts += 1;
    if (isRefused) throw new S3Error('AccessDenied');
    return proceed();
  });
  return new SpaceportApi(server.address);
}

beforeEach(async () => {
  folder = await temporaryFolder();
  [puts, isRefused] = [0, false];
});
afterEach(async () => {
  await server.close();
  await removeFolder(folder);
});

const send = async (api: SpaceportApi, source: string, told: number[] = []): Promise<string> => {
  const listener = { announced: async () => undefined, arrived: (bytes: number) => void told.push(bytes) };
  return uploadThroughApi(api, takenByUploads(await findPhotos(source)), listener, new AbortController().signal);
};

const stored = (uploadId: string, name: string): Promise<Buffer> =>
  server.bucket.bytesOf(`uploads/local/${uploadId}/photos/${name}`);

test('an archive whose connection breaks arrives whole, and only what was lost is sent again', async () => {
  const api = await serve(20 * MIB);
  const archive = { name: 'flight.zip', bytes: 40 * MIB + 11, seed: 1 };
  const source = path.join(folder, archive.name);
  await writeFile(source, fileBytes(archive));
  const told: number[] = [];
  const uploadId = await send(api, source, told);
  expect(server.way.hasBroken()).toBe(true);
  expect((await stored(uploadId, archive.name)).equals(fileBytes(archive))).toBe(true);
  expect(server.way.sentBytes()).toBeLessThan(archive.bytes + PART_BYTES + MIB);
  expect(told.at(-1)).toBe(archive.bytes);
});

test('a folder keeps its paths; the same command again sends nothing twice, and changed photos are another upload', async () => {
  const api = await serve(Infinity);
  const photos = [1, 2, 3].map((seed) => ({ name: `strip ${seed}/Blüte #${seed}.jpg`, bytes: 300_000 + seed, seed }));
  for (const { name, ...made } of photos) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), fileBytes({ name, ...made }));
  }
  await writeFile(path.join(folder, 'notes.docx'), 'not a photo');
  const uploadId = await send(api, folder);
  for (const photo of photos) expect((await stored(uploadId, photo.name)).equals(fileBytes(photo))).toBe(true);
  expect(puts).toBe(3);
  expect(await send(api, folder)).toBe(uploadId);
  expect(puts).toBe(3);
  await appendFile(path.join(folder, photos[0]!.name), 'more');
  expect(await send(api, folder)).not.toBe(uploadId);
});

test('a folder without photos, and a server that refuses, are said', async () => {
  const api = await serve(Infinity);
  await writeFile(path.join(folder, 'notes.docx'), 'not a photo');
  await expect(send(api, folder)).rejects.toThrow(UsageError);
  await expect(send(api, folder)).rejects.toThrow('there are no photos');
  await writeFile(path.join(folder, 'a.jpg'), '');
  await expect(send(api, folder)).rejects.toMatchObject({ status: 400 });
});

test('a photo that the storage refuses is told after three tries, with its reason', async () => {
  const api = await serve(Infinity);
  const photo = { name: 'a.jpg', bytes: 1000, seed: 1 };
  await writeFile(path.join(folder, photo.name), fileBytes(photo));
  isRefused = true;
  await expect(send(api, folder)).rejects.toThrow(/a\.jpg was not taken: the storage says 403, ./);
  expect(puts).toBe(3);
});
