import { readPhotoFacts } from '../../../web/upload/checks/photo-facts';
import { copiesAmong } from '../../../web/upload/checks/duplicates';
import {
  afterStart,
  djiXmp,
  exifSegment,
  greyJpeg,
  greyPng,
  heicHeader,
  jpegSegment,
  xmpSegment,
} from '../../helpers/photos';
import { chosen } from './chosen';

const factsOf = async (bytes: Buffer) => {
  const reads: number[] = [];
  const facts = await readPhotoFacts(async (most) => {
    reads.push(most);
    return new Uint8Array(bytes.subarray(0, most));
  });
  return { ...facts, reads };
};

const exif = exifSegment({ model: 'FC3582', takenAt: '2026:11:21 10:38:00', position: { latitude: 47, longitude: 8 } });

test('a photo tells its size, camera, time and place from its first bytes', async () => {
  const photo = Buffer.concat([afterStart(greyJpeg(640, 480), exif), Buffer.alloc(500_000)]);
  expect(await factsOf(photo)).toMatchObject({
    format: 'jpg',
    pixels: { width: 640, height: 480 },
    camera: 'FC3582',
    takenAt: '2026:11:21 10:38:00',
    gps: { latitude: 47, longitude: 8, altitude: null },
    flaw: null,
    reads: [65_536],
  });
});

test('a position that stands in XMP alone, and one behind much metadata, is found', async () => {
  const xmp = xmpSegment(djiXmp({ GpsLatitude: '-33.5', GpsLongtitude: '151.25', AbsoluteAltitude: '+61.4' }));
  const thermal = Array.from({ length: 8 }, () => jpegSegment(0xe1, Buffer.alloc(60_000)));
  const facts = await factsOf(afterStart(greyJpeg(640, 480), xmp, ...thermal));
  expect(facts).toMatchObject({
    gps: { latitude: -33.5, longitude: 151.25, altitude: 61.4 },
    pixels: { width: 640, height: 480 },
    reads: [65_536, 524_288],
  });
});

test.each([
  ['without hemispheres', exifSegment({ position: { latitude: 47, longitude: 8, refs: false } }), 'unsigned'],
  ['of a receiver without a fix', exifSegment({ position: { latitude: 0, longitude: 0 } }), 'zero'],
  ['that is none on Earth', xmpSegment(djiXmp({ GpsLatitude: '97', GpsLongitude: '8' })), 'range'],
])('a position %s is not believed', async (_what, segment, flaw) => {
  expect(await factsOf(afterStart(greyJpeg(640, 480), segment))).toMatchObject({ gps: null, flaw });
});

test.each([
  ['PNG', greyPng(100, 80), { format: 'png', pixels: { width: 100, height: 80 } }],
  ['HEIC under another name', heicHeader(), { format: 'heic', pixels: null }],
  [
    'a JPEG whose picture is missing',
    afterStart(greyJpeg(64, 64), exif).subarray(0, 200),
    { format: 'jpg', pixels: null },
  ],
  ['no picture', Buffer.from('hello'), { format: null, pixels: null, gps: null }],
  ['nothing', Buffer.alloc(0), { format: null, pixels: null, gps: null }],
])('%s is told', async (_what, bytes, facts) => {
  expect(await factsOf(bytes)).toMatchObject(facts);
});

test('copies are found by content, whatever they are called', async () => {
  const [one, other] = [new Uint8Array(3_000_000).fill(1), new Uint8Array(3_000_000).fill(1)];
  other[2_999_999] = 2;
  const copies = await copiesAmong([
    chosen('a.jpg', one),
    chosen('b.jpg', other),
    chosen('c/a (1).jpg', one),
    chosen('d.jpg', other),
    chosen('e.jpg', 5),
  ]);
  expect([...copies]).toEqual([
    ['c/a (1).jpg', 'a.jpg'],
    ['d.jpg', 'b.jpg'],
  ]);
});
