import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';
import { WEB_FOLDER } from '../../server/http/static-files';
import { createUploadStorage } from '../../server/uploads/uploads';
import { afterStart, djiXmp, exifSegment, greyJpeg, xmpSegment } from '../helpers/photos';
import { BUCKET, BucketUnderTest } from '../local/s3/harness';
import { testApp, testConfig } from '../server/helpers';

/** The server with its pages as they are built, and a local S3 that browsers send photos to. */
export interface UploadSite extends ReturnType<typeof testApp> {
  readonly url: string;
  readonly bucket: BucketUnderTest;
  /** Names of files that arrived, as often as they did; of files in parts `NAME#PART` of each part. */
  readonly puts: string[];
  /** From now on the S3 answers so many whole files, and so many parts, and holds the next ones back. */
  letThrough(files: number, parts?: number): void;
  close(): Promise<void>;
}

export async function openUploadSite(): Promise<UploadSite> {
  const web = createServer();
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const puts: string[] = [];
  let allowed = { PutObject: Infinity, UploadPart: Infinity };
  let opened = Promise.withResolvers<null>();
  const bucket = new BucketUnderTest();
  await bucket.start({
    corsOrigins: [url],
    async around(name, { request }, proceed) {
      if ((name !== 'PutObject' && name !== 'UploadPart') || !request.key.includes('/photos/')) return proceed();
      while (allowed[name] <= 0) await opened.promise;
      allowed[name] -= 1;
      await proceed();
      const part = name === 'UploadPart' ? `#${request.query.find(([each]) => each === 'partNumber')?.[1]}` : '';
      puts.push(request.key.replace(/^.*?\/photos\//, '') + part);
    },
  });
  const made = testApp({
    config: { ...testConfig, bucket: BUCKET, publicUrl: url, publicS3Endpoint: bucket.s3.endpoint },
    uploads: createUploadStorage({ s3: bucket.client, signing: bucket.linkSigner, bucket: BUCKET }),
    webFolder: WEB_FOLDER,
    now: Date.now,
  });
  web.on('request', made.app);
  const letThrough = (files: number, parts = Infinity): void => {
    allowed = { PutObject: files, UploadPart: parts };
    opened.resolve(null);
    opened = Promise.withResolvers();
  };
  return {
    ...made,
    url,
    bucket,
    puts,
    letThrough,
    async close() {
      letThrough(Infinity);
      web.closeAllConnections();
      web.close();
      await bucket.remove();
    },
  };
}

/** A flight's photo, 11 m north of the one before. */
export const dronePhoto = (index: number, hasGps = true): Buffer =>
  afterStart(
    greyJpeg(160, 120, 60 + index),
    exifSegment({ model: 'FC3582', takenAt: `2026:11:21 10:38:${String(index).padStart(2, '0')}` }),
    xmpSegment(
      djiXmp(
        hasGps
          ? { GpsLatitude: `+47.${3000 + index}`, GpsLongitude: `+8.${5000 + (index % 5)}`, AbsoluteAltitude: '+450.2' }
          : {},
      ),
    ),
  );

/** Writes a folder of so many photos of a flight, with what systems and cameras leave beside them. */
export async function writeFlight(folder: string, photos: number, hasGps = true): Promise<void> {
  await mkdir(path.join(folder, 'MISC'), { recursive: true });
  for (let index = 1; index <= photos; index += 1)
    await writeFile(path.join(folder, `DJI_${String(index).padStart(4, '0')}.JPG`), dronePhoto(index, hasGps));
  await writeFile(path.join(folder, 'DJI_0001 copy.JPG'), dronePhoto(1, hasGps));
  await writeFile(path.join(folder, '.DS_Store'), 'x');
  await writeFile(path.join(folder, 'MISC', 'DJI_0001.MP4'), 'x');
}

/** Writes a ZIP of so many photos of a flight. */
export async function writeZip(file: string, photos: number, hasGps: boolean): Promise<void> {
  const zip = new yazl.ZipFile();
  for (let index = 1; index <= photos; index += 1) zip.addBuffer(dronePhoto(index, hasGps), `flight/DJI_${index}.JPG`);
  zip.end();
  await writeFile(file, await buffer(zip.outputStream));
}
