import { crc32, deflateSync } from 'node:zlib';

/** A tiny JPEG that decodes: grey, 8 x 8 blocks, of any size; `shade` makes files differ. Baseline, one component. */
export function greyJpeg(width: number, height: number, shade = 128): Buffer {
  const word = (value: number): number[] => [value >> 8, value & 0xff];
  const segment = (marker: number, body: number[]): number[] => [0xff, marker, ...word(body.length + 2), ...body];
  // One Huffman code for DC category 0 to 7 each and end-of-block: enough for flat blocks.
  const lengths = (count: number, at: number): number[] =>
    Array.from({ length: 16 }, (_, index) => (index === at ? count : 0));
  const dc = [0x00, ...lengths(8, 3), 0, 1, 2, 3, 4, 5, 6, 7];
  const ac = [0x10, ...lengths(1, 0), 0x00];
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const difference = shade - 128;
  const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  const bitsOf = (value: number, size: number): string => (size === 0 ? '' : value.toString(2).padStart(size, '0'));
  const first =
    bitsOf(category, 4) + bitsOf(difference > 0 ? difference : difference + (1 << category) - 1, category) + '0';
  const bits = first + '00000'.repeat(blocks - 1);
  const scan: number[] = [];
  for (let index = 0; index < bits.length; index += 8) {
    const byte = Number.parseInt(bits.slice(index, index + 8).padEnd(8, '1'), 2);
    scan.push(byte, ...(byte === 0xff ? [0] : []));
  }
  return Buffer.from([
    0xff,
    0xd8,
    ...segment(0xdb, [0, ...new Array<number>(64).fill(8)]),
    ...segment(0xc0, [8, ...word(height), ...word(width), 1, 1, 0x11, 0]),
    ...segment(0xc4, dc),
    ...segment(0xc4, ac),
    ...segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    ...scan,
    0xff,
    0xd9,
  ]);
}

/** A JPEG's metadata segment. */
export function jpegSegment(marker: number, content: Buffer | string): Buffer {
  const body = Buffer.from(content as string);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** The JPEG with bytes put in directly after its first marker. */
export const afterStart = (jpeg: Buffer, ...inserted: Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...inserted, jpeg.subarray(2)]);

interface ExifValues {
  readonly model?: string;
  readonly takenAt?: string;
  readonly focalLength35mm?: number;
  /** Degrees north and east, whole numbers; `refs: false` leaves out N and E. */
  readonly position?: { readonly latitude: number; readonly longitude: number; readonly refs?: boolean };
}

/** An EXIF block, big endian: a TIFF structure with three directories (Exif 2.32, 4.6). */
export function exif({ model, takenAt, focalLength35mm, position }: ExifValues): Buffer {
  const data: Buffer[] = [];
  type Entry = { tag: number; type: number; count: number; content: Buffer };
  const ascii = (tag: number, text: string): Entry => {
    const content = Buffer.from(`${text}\0`);
    return { tag, type: 2, count: content.length, content };
  };
  const number = (tag: number, type: 3 | 4, value: number): Entry => {
    const content = Buffer.alloc(4);
    if (type === 3) content.writeUInt16BE(value);
    else content.writeUInt32BE(value);
    return { tag, type, count: 1, content };
  };
  const degrees = (tag: number, value: number): Entry => {
    const content = Buffer.alloc(24);
    [value, 1, 0, 1, 0, 1].forEach((part, index) => content.writeUInt32BE(part, index * 4));
    return { tag, type: 5, count: 3, content };
  };
  let end = 8;
  /** Writes a directory and the values that do not fit into it; returns its offset. */
  const directory = (entries: Entry[]): number => {
    const at = end;
    const table = Buffer.alloc(2 + entries.length * 12 + 4);
    table.writeUInt16BE(entries.length);
    let valuesAt = at + table.length;
    const values: Buffer[] = [];
    entries.forEach(({ tag, type, count, content }, index) => {
      const offset = 2 + index * 12;
      table.writeUInt16BE(tag, offset);
      table.writeUInt16BE(type, offset + 2);
      table.writeUInt32BE(count, offset + 4);
      if (content.length <= 4) return void content.copy(table, offset + 8);
      table.writeUInt32BE(valuesAt, offset + 8);
      values.push(content);
      valuesAt += content.length;
    });
    data.push(table, ...values);
    end = valuesAt;
    return at;
  };
  const detail = directory([
    ...(takenAt === undefined ? [] : [ascii(0x9003, takenAt)]),
    ...(focalLength35mm === undefined ? [] : [number(0xa405, 3, focalLength35mm)]),
  ]);
  const refs = position?.refs !== false;
  const gps = directory(
    position === undefined
      ? [number(0, 4, 0x02030000)]
      : [
          ...(refs ? [ascii(1, 'N')] : []),
          degrees(2, position.latitude),
          ...(refs ? [ascii(3, 'E')] : []),
          degrees(4, position.longitude),
        ],
  );
  const main = directory([
    ...(model === undefined ? [] : [ascii(0x110, model)]),
    number(0x8769, 4, detail),
    number(0x8825, 4, gps),
  ]);
  const head = Buffer.from('MM\0*\0\0\0\0', 'latin1');
  head.writeUInt32BE(main, 4);
  return Buffer.concat([head, ...data]);
}

export const exifSegment = (values: ExifValues): Buffer =>
  jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif(values)]));

/** DJI's XMP, as attributes. */
export const djiXmp = (values: Readonly<Record<string, string>>): string =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" ${Object.entries(
    values,
  )
    .map(([name, value]) => `drone-dji:${name}="${value}"`)
    .join(' ')}/></x:xmpmeta>`;

export const xmpSegment = (xmp: string): Buffer =>
  jpegSegment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), Buffer.from(xmp)]));

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The head of a PNG of a size: enough for whoever reads headers. */
export function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([PNG_SIGNATURE, pngChunk('IHDR', header)]);
}

/** A PNG that decodes: grey, of any size; further chunks stand before its pixels. */
export function greyPng(width: number, height: number, shade = 128, chunks: readonly Buffer[] = []): Buffer {
  const row = Buffer.alloc(width + 1, shade);
  row[0] = 0; // no filter
  const pixels = deflateSync(Buffer.concat(new Array<Buffer>(height).fill(row)));
  return Buffer.concat([
    pngHeader(width, height),
    ...chunks,
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The head of an HEIC file. */
export function heicHeader(): Buffer {
  const box = (type: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(content.length + 8);
    head.write(type, 4);
    return Buffer.concat([head, content]);
  };
  return Buffer.concat([box('ftyp', Buffer.from('heic\0\0\0\0heicmif1')), box('meta', Buffer.alloc(64))]);
}

/** Photos that differ, as far as a few hundred go. */
export const tinyPhotos = (count: number): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${i}.jpg`,
      greyJpeg(640 + 8 * Math.floor(i / 100), 480, 100 + (i % 100)),
    ]),
  );
