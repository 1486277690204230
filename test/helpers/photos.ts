import { crc32 } from 'node:zlib';

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

/** The head of a PNG of a size: enough for whoever reads headers. */
export function pngHeader(width: number, height: number): Buffer {
  const body = Buffer.alloc(17);
  body.write('IHDR');
  body.writeUInt32BE(width, 4);
  body.writeUInt32BE(height, 8);
  body.set([8, 2, 0, 0, 0], 12);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(13);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), length, body, check]);
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
