import { crc32 } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';
import { readZipDirectory, startOfEntry, UnreadableZip } from '../../../web/upload/files/zip-directory';

const content = Buffer.from('a photo that is packed well '.repeat(4_000));

async function zipOf(
  files: readonly { name: string; content: Buffer; compress?: boolean }[],
  { zip64 = false, comment = '' } = {},
): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { name, content: bytes, compress = true } of files)
    zip.addBuffer(bytes, name, { compress, forceZip64Format: zip64 });
  zip.addEmptyDirectory('empty/');
  zip.end({ forceZip64Format: zip64, comment });
  return buffer(zip.outputStream);
}

/** Counts what is read of it. */
class WatchedBlob extends Blob {
  static read = 0;
  override slice(start?: number, end?: number): Blob {
    WatchedBlob.read += Math.max(0, Math.min(end ?? this.size, this.size) - (start ?? 0));
    return super.slice(start, end);
  }
}

const blobOf = (bytes: Buffer): Blob => new Blob([new Uint8Array(bytes)]);

test.each([
  ['a usual ZIP', {}],
  ['one in ZIP64', { zip64: true }],
  ['one with a comment', { comment: 'made by a program that says so: PK' }],
])('%s lists its files with sizes and sums', async (_what, options) => {
  const zip = blobOf(
    await zipOf(
      [
        { name: 'flug/Blüte 1.jpg', content },
        { name: 'a.jpg', content, compress: false },
      ],
      options,
    ),
  );
  const entries = await readZipDirectory(zip);
  expect(entries).toMatchObject([
    { name: 'flug/Blüte 1.jpg', bytes: content.length, crc32: crc32(content), method: 8, encrypted: false },
    { name: 'a.jpg', bytes: content.length, crc32: crc32(content), method: 0 },
  ]);
  for (const entry of entries)
    expect(Buffer.from((await startOfEntry(zip, entry, 1_000))!).equals(content.subarray(0, 1_000))).toBe(true);
  expect(await startOfEntry(zip, entries[0]!, 10 ** 6)).toHaveLength(content.length);
});

test('something before the archive does not move its files', async () => {
  const zip = blobOf(
    Buffer.concat([Buffer.from('#!/bin/sh unpacks itself\n'), await zipOf([{ name: 'a.jpg', content }])]),
  );
  const [entry] = await readZipDirectory(zip);
  expect(Buffer.from((await startOfEntry(zip, entry!, 50))!).equals(content.subarray(0, 50))).toBe(true);
});

test('of a large ZIP only its end and what is asked for is read', async () => {
  const photo = { content: Buffer.alloc(3_000_000, 7), compress: false };
  const zip = new WatchedBlob([
    new Uint8Array(
      await zipOf([
        { name: 'a.jpg', ...photo },
        { name: 'b.jpg', ...photo },
      ]),
    ),
  ]);
  WatchedBlob.read = 0;
  const entries = await readZipDirectory(zip);
  expect(entries).toHaveLength(2);
  expect(WatchedBlob.read).toBeLessThan(70_000);
});

test.each([
  ['no archive', Buffer.alloc(100_000, 1), 'not a zip'],
  ['an empty file', Buffer.alloc(0), 'not a zip'],
])('%s is told', async (_what, bytes, flaw) => {
  await expect(readZipDirectory(blobOf(bytes))).rejects.toMatchObject({ flaw });
});

test('an archive that was cut off, one in parts, and one whose list is damaged are told', async () => {
  const zip = await zipOf([{ name: 'a.jpg', content }]);
  const flawOf = async (bytes: Buffer) => {
    const error = await readZipDirectory(blobOf(bytes)).catch((thrown: unknown) => thrown);
    return error instanceof UnreadableZip ? error.flaw : error;
  };
  const endAt = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const changed = (offset: number, value: number): Buffer => {
    const copy = Buffer.from(zip);
    copy.writeUInt16LE(value, endAt + offset);
    return copy;
  };
  expect(await flawOf(zip.subarray(0, endAt))).toBe('not a zip');
  expect(await flawOf(changed(4, 3))).toBe('in parts');
  expect(await flawOf(changed(10, 9))).toBe('damaged');
  expect(await flawOf(changed(14, 0x7000))).toBe('damaged');
});

test('an encrypted or damaged entry has no start', async () => {
  const zip = await zipOf([{ name: 'a.jpg', content }]);
  const [entry] = await readZipDirectory(blobOf(zip));
  expect(await startOfEntry(blobOf(zip), { ...entry!, encrypted: true }, 10)).toBeNull();
  expect(await startOfEntry(blobOf(zip), { ...entry!, method: 14 }, 10)).toBeNull();
  const damaged = Buffer.from(zip);
  damaged.fill(0xff, 35, 60);
  expect(await startOfEntry(blobOf(damaged), entry!, 10)).toBeNull();
});
