import { deflateSync } from 'node:zlib';
import { readPhotoHeader, type PhotoFacts } from '../../../../activities/intake/headers/photo-header';
import {
  afterStart,
  djiXmp,
  exif,
  exifSegment,
  greyJpeg,
  greyPng,
  heicHeader,
  jpegSegment,
  pngChunk,
  pngHeader,
  xmpSegment,
} from '../../../helpers/photos';

/** Reads a file as intake does, and counts the requests and the most bytes that one of them asked for. */
async function look(content: Buffer): Promise<{ facts: PhotoFacts | string; requests: number; largest: number }> {
  let requests = 0;
  let largest = 0;
  const read = async (start: number, end: number): Promise<Buffer> => {
    requests += 1;
    largest = Math.max(largest, end - start);
    return content.subarray(start, end);
  };
  return { facts: await readPhotoHeader({ size: content.length, read }), requests, largest };
}
const facts = async (content: Buffer): Promise<PhotoFacts | string> => (await look(content)).facts;

const photo = greyJpeg(640, 480);
const used = { type: 'jpg', width: 640, height: 480 };
const LONGEST = Buffer.alloc(65_533, 'm');
/** Bytes in which no marker ends the picture. */
const noise = (bytes: number): Buffer => Buffer.alloc(bytes, 'noise');
const repeated = (count: number, segment: Buffer): Buffer => Buffer.concat(new Array<Buffer>(count).fill(segment));
const TRUNCATED = 'the JPEG is truncated: its end is missing';

describe('I01: metadata before the picture', () => {
  test.each([1, 6, 40])('I01: a JPEG with %d longest segments before its frame is used', async (count) => {
    expect(await facts(afterStart(photo, repeated(count, jpegSegment(0xe3, LONGEST))))).toMatchObject(used);
  });

  test('I01: 30 MB of metadata cost few requests, none of them over 4 MiB', async () => {
    const seen = await look(afterStart(photo, repeated(480, jpegSegment(0xe2, LONGEST))));
    expect(seen.facts).toMatchObject(used);
    expect(seen.requests).toBeLessThan(15);
    expect(seen.largest).toBeLessThanOrEqual(4 * 2 ** 20);
  });

  test('I01: an ordinary photo costs one request', async () => {
    expect((await look(photo)).requests).toBe(1);
  });

  test('I01: EXIF and XMP are read behind other segments', async () => {
    const content = afterStart(
      photo,
      repeated(8, jpegSegment(0xe3, LONGEST)),
      exifSegment({ model: 'M3T', takenAt: '2026:05:01 10:00:00', position: { latitude: 45, longitude: 7 } }),
      jpegSegment(0xed, 'Photoshop 3.0'),
    );
    expect(await facts(content)).toMatchObject({
      ...used,
      camera: 'M3T',
      takenAt: '2026:05:01 10:00:00',
      gps: { latitude: 45, longitude: 7 },
    });
  });

  test('I01: fill bytes, markers without content and stray bytes between segments are passed over', async () => {
    const fill = Buffer.alloc(300_000, 0xff);
    expect(await facts(afterStart(photo, fill))).toMatchObject(used);
    expect(await facts(afterStart(photo, Buffer.from([0xff, 0x01, 0xff, 0xd3])))).toMatchObject(used);
    expect(await facts(afterStart(photo, jpegSegment(0xe1, 'x'), Buffer.alloc(500_000)))).toMatchObject(used);
  });

  test.each([0xc1, 0xc2, 0xc9, 0xca])('I01: a frame of the kind 0x%x is read as one', async (marker) => {
    const at = photo.indexOf(Buffer.from([0xff, 0xc0]));
    const other = Buffer.from(photo);
    other[at + 1] = marker;
    expect(await facts(other)).toMatchObject(used);
  });

  test('I01: a frame that no decoder here reads is named', async () => {
    const at = photo.indexOf(Buffer.from([0xff, 0xc0]));
    const hierarchical = Buffer.from(photo);
    hierarchical[at + 1] = 0xc5;
    expect(await facts(hierarchical)).toMatch(/^this kind of JPEG/);
    const deep = Buffer.from(photo);
    deep[at + 4] = 12;
    expect(await facts(deep)).toBe('a JPEG with 12 bits a colour is not supported: save it with 8');
  });

  test('I01: a segment that runs past the end of the file is a truncated file', async () => {
    const long = afterStart(photo, repeated(6, jpegSegment(0xe3, LONGEST)));
    expect(await facts(long.subarray(0, 200_000))).toBe(TRUNCATED);
    expect(await facts(long.subarray(0, 2))).toBe(TRUNCATED);
    expect(await facts(long.subarray(0, 4))).toBe(TRUNCATED);
  });

  test('I01: a picture without its end is truncated, also where a thumbnail before it has one', async () => {
    const thumbnail = jpegSegment(0xe2, greyJpeg(160, 120));
    expect(await facts(photo.subarray(0, -2))).toBe(TRUNCATED);
    expect(await facts(afterStart(photo, thumbnail).subarray(0, -200))).toBe(TRUNCATED);
    expect(await facts(afterStart(photo, thumbnail))).toMatchObject(used);
  });

  test.each([100, 70_000, 9 * 2 ** 20])('I01: %d bytes behind the picture do not make it truncated', async (bytes) => {
    const seen = await look(Buffer.concat([photo, noise(bytes)]));
    expect(seen.facts).toMatchObject(used);
    expect(seen.largest).toBeLessThanOrEqual(4 * 2 ** 20);
  });

  test('I01: an end of the picture that lies across two reads is found', async () => {
    // The reads begin with 256 KiB at the file's start, then at its end, then at the scan.
    for (let padding = 0; padding < 4; padding += 1) {
      const scan = photo.subarray(0, -2);
      const upTo = 512 * 1024 - 1 - (photo.length - scan.length) - padding;
      const content = Buffer.concat([scan, noise(upTo), Buffer.from([0xff, 0xd9]), noise(200_000)]);
      expect(await facts(content)).toMatchObject(used);
    }
  });
});

describe('I13: the end of a PNG', () => {
  const png = greyPng(640, 480);
  const size = { type: 'png', width: 640, height: 480 };
  const MISSING = 'the PNG is truncated: its end is missing';

  test('I13: a whole PNG is used, also with bytes after its end', async () => {
    expect(await facts(png)).toMatchObject(size);
    expect(await facts(Buffer.concat([png, noise(100)]))).toMatchObject(size);
    expect(await facts(Buffer.concat([png, noise(3 * 2 ** 20)]))).toMatchObject(size);
  });

  test('I13: a PNG that was cut anywhere is left out', async () => {
    for (const end of [33, 40, png.length * 0.6, png.length - 12, png.length - 1])
      expect(await facts(png.subarray(0, end))).toBe(MISSING);
    expect(await facts(pngHeader(640, 480))).toBe(MISSING);
  });

  test('I13: large chunks before the pixels are skipped, in reads of at most 4 MiB', async () => {
    const large = pngChunk('prVt', Buffer.alloc(20 * 2 ** 20));
    const seen = await look(greyPng(640, 480, 1, [large]));
    expect(seen.facts).toMatchObject(size);
    expect(seen.largest).toBeLessThanOrEqual(4 * 2 ** 20);
    expect(seen.requests).toBeLessThan(5);
  });

  test('I13: an animated PNG is used as its first picture', async () => {
    const animated = greyPng(640, 480, 1, [pngChunk('acTL', Buffer.alloc(8)), pngChunk('fcTL', Buffer.alloc(26))]);
    expect(await facts(animated)).toMatchObject(size);
  });

  test('I13: a PNG whose tail was filled with zeros is damaged', async () => {
    const zeroed = Buffer.concat([png.subarray(0, 33), pngChunk('IDAT', Buffer.alloc(10)), Buffer.alloc(5000)]);
    expect(await facts(zeroed)).toBe('the PNG is damaged');
  });

  test('I13: EXIF and XMP of a PNG are read', async () => {
    const xmp = djiXmp({ GpsLatitude: '+45.5', GpsLongitude: '-7.25', AbsoluteAltitude: '+120.5' });
    const chunk = (compressed: boolean): Buffer =>
      pngChunk(
        'iTXt',
        Buffer.concat([
          Buffer.from(`XML:com.adobe.xmp\0${compressed ? '\x01' : '\0'}\0\0\0`, 'latin1'),
          compressed ? deflateSync(xmp) : Buffer.from(xmp),
        ]),
      );
    const position = { latitude: 45.5, longitude: -7.25, altitude: 120.5 };
    expect(await facts(greyPng(640, 480, 1, [chunk(false)]))).toMatchObject({ gps: position });
    expect(await facts(greyPng(640, 480, 1, [chunk(true)]))).toMatchObject({ gps: position });
    const withExif = pngChunk('eXIf', exif({ model: 'M3E', position: { latitude: 45, longitude: 7 } }));
    expect(await facts(greyPng(640, 480, 1, [withExif]))).toMatchObject({
      camera: 'M3E',
      gps: { latitude: 45, longitude: 7 },
    });
  });
});

describe('S04: positions in DJI metadata', () => {
  const xmp = (values: Record<string, string>): Buffer => xmpSegment(djiXmp(values));
  const POSITION = { latitude: 45.5, longitude: -7.25, altitude: 120.5 };

  test('S04: the position is taken from XMP where EXIF has none', async () => {
    for (const name of ['GpsLongitude', 'GpsLongtitude']) {
      const values = xmp({ GpsLatitude: '+45.50000000', [name]: '-7.25000000', AbsoluteAltitude: '+120.50' });
      expect(await facts(afterStart(photo, exifSegment({ model: 'Mini 3' }), values))).toMatchObject({ gps: POSITION });
    }
  });

  test('S04: the position may be written as elements', async () => {
    const elements =
      '<drone-dji:GpsLatitude>45.5</drone-dji:GpsLatitude><drone-dji:GpsLongitude>-7.25</drone-dji:GpsLongitude>' +
      '<drone-dji:AbsoluteAltitude>120.5</drone-dji:AbsoluteAltitude>';
    expect(await facts(afterStart(photo, xmpSegment(elements)))).toMatchObject({ gps: POSITION });
  });

  test("S04: EXIF's position wins, unless it does not say which hemisphere it means", async () => {
    const values = xmp({ GpsLatitude: '-45.5', GpsLongitude: '-7.25' });
    const at = (refs: boolean): Buffer => exifSegment({ position: { latitude: 46, longitude: 8, refs } });
    expect(await facts(afterStart(photo, at(true), values))).toMatchObject({ gps: { latitude: 46, longitude: 8 } });
    expect(await facts(afterStart(photo, at(false), values))).toMatchObject({ gps: { latitude: -45.5 } });
    expect(await facts(afterStart(photo, at(false)))).toMatchObject({ gps: null });
  });

  test.each([
    [{ GpsLatitude: '+0.00000000', GpsLongitude: '+0.00000000' }],
    [{ GpsLatitude: '+91', GpsLongitude: '+7' }],
    [{ GpsLatitude: 'nan', GpsLongitude: '+7' }],
    [{ GpsLatitude: '+45' }],
  ])('S04: %j is no position', async (values) => {
    expect(await facts(afterStart(photo, xmp(values as Record<string, string>)))).toMatchObject({ gps: null });
  });
});

test('S09: a picture that says that it is thermal is known as one', async () => {
  expect(await facts(photo)).toMatchObject({ thermal: false });
  const dji = xmpSegment(djiXmp({ ImageSource: 'InfraredCamera' }));
  expect(await facts(afterStart(photo, dji))).toMatchObject({ thermal: true });
  expect(await facts(afterStart(photo, xmpSegment(djiXmp({ ImageSource: 'WideCamera' }))))).toMatchObject({
    thermal: false,
  });
  expect(await facts(afterStart(photo, jpegSegment(0xe1, 'FLIR\0\x01\0\0data')))).toMatchObject({ thermal: true });
  const band = '<Camera:BandName><rdf:Seq><rdf:li>LWIR</rdf:li></rdf:Seq></Camera:BandName>';
  expect(await facts(afterStart(photo, xmpSegment(band)))).toMatchObject({ thermal: true });
});

test.each([
  [Buffer.alloc(0), 'the file is empty'],
  [heicHeader(), 'HEIC is not supported: set the camera to JPEG, or convert the photos'],
  [Buffer.from('hello'), 'this is not a photo'],
  [Buffer.from([0xff, 0xd8, 0xff, 0xd9]), 'the JPEG holds no picture'],
  [greyJpeg(8, 8), '8 x 8 pixels are too few'],
  [pngHeader(60_000, 60_000), '60000 x 60000 pixels are too many'],
])('file %# is left out with its reason', async (content, reason) => {
  expect(await facts(content)).toBe(reason);
});
