import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { ZipFile } from 'yazl';
import { unpackArchive } from '../../../activities/intake/archives/archive';
import { ARCHIVE_LIMITS } from '../../../activities/intake/archives/unpacking';
import { layout } from '../../../contracts/storage/layout';
import { BUCKET, goodPhotos, IntakeBench, photo, rejection, type TakenIn } from './intake-bench';

let bench: IntakeBench;

beforeAll(async () => {
  bench = await IntakeBench.start();
});
afterAll(() => bench?.close());

const takeIn = (name: string, content: Buffer): Promise<TakenIn> => bench.takeIn({ [name]: content }, name);

type ZipOptions = Parameters<ZipFile['addBuffer']>[2];

async function zip(
  files: Readonly<Record<string, Buffer>>,
  options: ZipOptions = { compress: false },
): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, content] of Object.entries(files)) file.addBuffer(content, name, options);
  file.end();
  return await buffer(file.outputStream);
}

/** Changes both headers of a zip's entry: in its place, and in the list at the end. */
function changeEntry(archive: Buffer, name: string, change: (header: Buffer, at: 'place' | 'list') => void): Buffer {
  const changed = Buffer.from(archive);
  for (let at = changed.indexOf(name); at >= 0; at = changed.indexOf(name, at + 1)) {
    if (changed.subarray(at - 30, at - 26).equals(Buffer.from('PK\x03\x04')))
      change(changed.subarray(at - 30), 'place');
    if (changed.subarray(at - 46, at - 42).equals(Buffer.from('PK\x01\x02'))) change(changed.subarray(at - 46), 'list');
  }
  return changed;
}
const withMethod = (archive: Buffer, name: string, method: number): Buffer =>
  changeEntry(archive, name, (header, at) => header.writeUInt16LE(method, at === 'place' ? 8 : 10));
const withFlag = (archive: Buffer, name: string, flag: number): Buffer =>
  changeEntry(archive, name, (header, at) => {
    const offset = at === 'place' ? 6 : 8;
    header.writeUInt16LE(header.readUInt16LE(offset) | flag, offset);
  });

interface TarEntry {
  readonly name: string;
  readonly type?: 'symlink' | 'link' | 'file' | 'directory' | 'character-device' | 'fifo';
  readonly linkname?: string;
  readonly content?: Buffer;
}

async function tarball(entries: readonly TarEntry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? Buffer.alloc(0));
  pack.finalize();
  return await buffer(pack);
}
const tarOf = (files: Readonly<Record<string, Buffer>>): Promise<Buffer> =>
  tarball(Object.entries(files).map(([name, content]) => ({ name, content })));

const photos = goodPhotos(4);
const withVideo = { ...photos, 'video.mp4': Buffer.alloc(5000, 'v') };

test('a zip and a tar are unpacked below the job and taken in', async () => {
  const zipped = await takeIn(
    'set.zip',
    await zip({ ...photos, 'sub/x.JPG': photo(30), '__MACOSX/._x.JPG': photo(1) }),
  );
  expect(zipped.summary).toMatchObject({ accepted: 5, rejected: [] });
  expect(zipped.prefix).toBe(`s3://${BUCKET}/${layout.unpackedFolder(zipped.jobId)}`);
  const deflated = await takeIn('set.zip', await zip(photos, { compress: true }));
  expect(deflated.summary).toMatchObject({ accepted: 4, rejected: [] });
  expect((await takeIn('set.tar', await tarOf(photos))).summary.accepted).toBe(4);
  expect((await takeIn('set.tgz', gzipSync(await tarOf(photos)))).summary.accepted).toBe(4);
});

describe('I07: entries that cannot be read', () => {
  test.each([
    [9, 'Deflate64'],
    [12, 'bzip2'],
    [14, 'LZMA'],
    [93, 'Zstandard'],
    [95, 'xz'],
    [98, 'PPMd'],
    [77, 'method 77'],
  ])('I07: one entry of method %d does not lose the others', async (method, called) => {
    const { summary, reasons } = await takeIn('set.zip', withMethod(await zip(withVideo), 'video.mp4', method));
    expect(summary.accepted).toBe(4);
    expect(reasons).toEqual({
      'video.mp4': `it is packed with ${called}, which is not read: zip with Store or Deflate`,
    });
  });

  test('I07: where nothing can be read, the failure says how to zip', async () => {
    let archive = await zip(photos);
    for (const name of Object.keys(photos)) archive = withMethod(archive, name, 12);
    await expect(takeIn('set.zip', archive)).rejects.toMatchObject(
      rejection('ARCHIVE_INVALID', 'packed with bzip2, which is not read: zip with Store or Deflate'),
    );
  });

  test('I07: encrypted entries are left out, and an archive of nothing else says so', async () => {
    const files = await zip(withVideo);
    for (const archive of [withFlag(files, 'video.mp4', 1), withMethod(files, 'video.mp4', 99)])
      expect((await takeIn('set.zip', archive)).reasons).toEqual({ 'video.mp4': 'it is protected by a password' });
    await expect(takeIn('set.zip', withFlag(await zip({ 'a.jpg': photo(1) }), 'a.jpg', 1))).rejects.toMatchObject(
      rejection('ARCHIVE_INVALID', 'its only file, a.jpg, cannot be taken out of the archive: it is protected by'),
    );
  });

  test('I07: damaged content is left out, stored or deflated, and so is a wrong checksum', async () => {
    const stored = await zip(photos);
    stored[stored.indexOf('DJI_1.JPG') + 300] = 0xee;
    const flipped = await takeIn('set.zip', stored);
    expect(flipped.reasons).toEqual({ 'DJI_1.JPG': 'its checksum in the archive is wrong' });
    expect(flipped.summary.accepted).toBe(3);
    const deflated = await zip(photos, { compress: true });
    deflated.fill(0xff, deflated.indexOf('DJI_1.JPG') + 20, deflated.indexOf('DJI_1.JPG') + 60);
    expect((await takeIn('set.zip', deflated)).reasons).toEqual({ 'DJI_1.JPG': expect.any(String) as string });
  });

  test('I07: sizes in the list of files that lie cost at most the entry itself', async () => {
    const larger = (offset: number, bytes: number) => async (): Promise<TakenIn> =>
      takeIn(
        'set.zip',
        changeEntry(await zip(photos, { compress: true }), 'DJI_1.JPG', (header, at) => {
          if (at === 'list') header.writeUInt32LE(bytes, offset);
        }),
      );
    expect((await larger(20, 10)()).reasons).toEqual({ 'DJI_1.JPG': expect.any(String) as string });
    expect((await larger(20, 2 ** 31)()).reasons).toEqual({ 'DJI_1.JPG': expect.any(String) as string });
    // The unpacked size is a claim; the checksum says that the content is whole.
    expect((await larger(24, 7)()).summary.accepted).toBe(4);
    const elsewhere = changeEntry(await zip(photos), 'DJI_1.JPG', (header, at) => {
      if (at === 'list') header.writeUInt32LE(2 ** 31, 42);
    });
    expect((await takeIn('set.zip', elsewhere)).summary.accepted).toBe(3);
  });

  test('I07: a zip64 is read', async () => {
    expect((await takeIn('set.zip', await zip(photos, { forceZip64Format: true }))).summary.accepted).toBe(4);
  });

  test('I07: bytes before and behind a zip, and a long comment, do not matter', async () => {
    const archive = await zip(photos);
    const junk = Buffer.alloc(90_000, 'junk');
    for (const whole of [
      Buffer.concat([archive, Buffer.from('\r\n')]),
      Buffer.concat([archive, junk]),
      Buffer.concat([junk, archive]),
      Buffer.concat([junk, archive, junk]),
    ])
      expect((await takeIn('set.zip', whole)).summary.accepted).toBe(4);
    const comment = Buffer.from('made by PK\x05\x06 and more than twenty-two bytes of text');
    const commented = Buffer.concat([archive, comment]);
    commented.writeUInt16LE(comment.length, archive.length - 2);
    expect((await takeIn('set.zip', commented)).summary.accepted).toBe(4);
  });

  test('I07: a list of files that is damaged in the middle keeps what comes before', async () => {
    const broken = changeEntry(await zip(goodPhotos(6)), 'DJI_4.JPG', (header, at) => {
      if (at === 'list') header.write('XX');
    });
    const kept = await takeIn('set.zip', broken);
    expect(kept.summary.accepted).toBe(4);
    expect(kept.reasons).toEqual({
      'set.zip': "the archive's list of files is damaged behind file 4; what follows is lost",
    });
  });

  test('I07: a tar that is cut off keeps the photos before the cut and says so', async () => {
    const archive = await tarOf(photos);
    const cut = archive.indexOf('DJI_3.JPG') + 700;
    const { summary, reasons } = await takeIn('set.tar', archive.subarray(0, cut));
    expect(summary.accepted).toBe(3);
    expect(reasons).toEqual({
      'DJI_3.JPG': 'it is damaged in the archive',
      'set.tar': expect.stringContaining('is cut off or damaged behind its file 4') as string,
    });
    const gzipped = gzipSync(await tarOf(goodPhotos(90)), { level: 0 });
    const half = await takeIn('set.tar.gz', gzipped.subarray(0, Math.floor(gzipped.length / 2)));
    expect(half.summary.accepted).toBeGreaterThanOrEqual(4);
    expect(Object.keys(half.reasons)).toContain('set.tar.gz');
  });

  test('I07: what an archive is, its bytes say and not its name', async () => {
    const packed = await tarOf(photos);
    expect((await takeIn('set.tar.gz', packed)).summary.accepted).toBe(4);
    expect((await takeIn('set.tar', gzipSync(packed))).summary.accepted).toBe(4);
    expect((await takeIn('set.tar', await zip(photos))).summary.accepted).toBe(4);
    await expect(takeIn('set.zip', Buffer.from('Rar!\x1a\x07\x01\0 and so on'))).rejects.toMatchObject(
      rejection('ARCHIVE_INVALID', 'the file is a RAR archive, whatever its name says'),
    );
  });

  test('I07: no text of a library reaches a person', async () => {
    const texts: string[] = [];
    const whole = await zip(photos);
    for (const [name, content] of [
      ['set.zip', Buffer.from('not a zip at all, not even nearly')],
      ['set.zip', whole.subarray(0, whole.length - 100)],
      ['set.zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(5000)])],
      ['set.zip', withFlag(await zip({ 'a.jpg': photo(1) }), 'a.jpg', 0x41)],
      ['set.tar', Buffer.alloc(5000, 'x')],
      ['set.tar.gz', Buffer.from('nor this')],
      ['set.tar.gz', Buffer.concat([Buffer.from('\x1f\x8b', 'latin1'), Buffer.alloc(5000, 'x')])],
      ['set.tar', Buffer.alloc(0)],
    ] as const)
      await takeIn(name, content).catch((error: unknown) => {
        const { type, message } = error as { type: string; message: string };
        expect(type).toBe('ARCHIVE_INVALID');
        texts.push(message);
      });
    expect(texts).toHaveLength(8);
    for (const text of texts) expect(text).not.toMatch(/signature|PK|☺|header|incorrect|invalid|unexpected|0x|gunzip/i);
  });
});

describe('I03: names in archives', () => {
  test('I03: absolute and odd paths are used under names of their own', async () => {
    const odd = await takeIn(
      'set.tar',
      await tarball([
        { name: '/home/me/a.jpg', content: photo(1) },
        { name: 'a//b.jpg', content: photo(2) },
        { name: './c.jpg', content: photo(3) },
        { name: 'C:\\d.jpg', content: photo(4) },
        { name: `${'deep/'.repeat(300)}e.jpg`, content: photo(5) },
        { name: 'twice.jpg', content: photo(6) },
        { name: 'twice.jpg', content: photo(7) },
        { name: 'c\r\nd.jpg', content: photo(8) },
      ]),
    );
    expect(odd.reasons).toEqual({});
    expect([...odd.names].sort()).toEqual([
      'a/b.jpg',
      'c.jpg',
      'c__d.jpg',
      'd.jpg',
      'e.jpg',
      'home/me/a.jpg',
      'twice-2.jpg',
      'twice.jpg',
    ]);
  });

  test('I03: names in another code page than UTF-8 are used', async () => {
    const archive = changeEntry(await zip({ ...photos, 'XX.jpg': photo(1) }), 'XX.jpg', (header, at) => {
      header.writeUInt16LE(0, at === 'place' ? 6 : 8); // not UTF-8
      header.set([0x83, 0x65], at === 'place' ? 30 : 46); // Shift JIS
    });
    expect((await takeIn('set.zip', archive)).summary).toMatchObject({ accepted: 5, rejected: [] });
    const packed = await tarOf({ ...photos, 'XX.jpg': photo(1) });
    const at = packed.indexOf('XX.jpg');
    packed.set([0x83, 0xe5], at);
    packed.write(
      checksum(packed.subarray(at, at + 512))
        .toString(8)
        .padStart(6, '0'),
      at + 148,
    );
    expect((await takeIn('set.tar', packed)).summary).toMatchObject({ accepted: 5, rejected: [] });
  });

  test('I04: a name over 255 bytes is left out with the reason', async () => {
    const { reasons, summary } = await takeIn(
      'set.zip',
      await zip({ ...photos, [`${'x'.repeat(300)}.jpg`]: photo(1) }),
    );
    expect(summary.accepted).toBe(4);
    expect(Object.values(reasons)).toEqual(['a name in its path is longer than 255 bytes: rename it']);
  });

  test('paths that lead outside, links and devices are left out, and nothing is unpacked outside the job', async () => {
    const evil = await zip({ ...photos, 'xx/evil.jpg': photo(1) });
    const escaped = Buffer.from(evil.toString('latin1').replaceAll('xx/evil', '../evil'), 'latin1');
    const { summary, reasons } = await takeIn('set.zip', escaped);
    expect(summary.accepted).toBe(4);
    expect(reasons).toEqual({ '../evil.jpg': 'its path leads out of its folder ("..")' });
    const linked = await takeIn(
      'set.tar',
      await tarball([
        { name: 'a.jpg', type: 'symlink', linkname: '/etc/passwd' },
        { name: 'b.jpg', type: 'link', linkname: 'DJI_0.JPG' },
        { name: 'c.jpg', type: 'character-device' },
        { name: 'd.jpg', type: 'fifo' },
        { name: 'folder/', type: 'directory' },
        ...Object.entries(photos).map(([name, content]) => ({ name, content })),
      ]),
    );
    expect(linked.summary.accepted).toBe(4);
    expect(linked.reasons).toEqual({
      'a.jpg': 'it is a link to another file',
      'b.jpg': 'it is a link to another file',
      'c.jpg': 'it is not a file (a device, a pipe or the like)',
      'd.jpg': 'it is not a file (a device, a pipe or the like)',
    });
    const zipLink = await zip({ ...photos, 'l.jpg': Buffer.from('/etc/passwd') });
    const asLink = changeEntry(zipLink, 'l.jpg', (header, at) => {
      if (at === 'list') header.writeUInt32LE(0o120777 * 2 ** 16, 38);
    });
    expect((await takeIn('set.zip', asLink)).reasons).toEqual({ 'l.jpg': 'it is a link to another file' });
    const { Contents = [] } = await bench.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'jobs/' }));
    expect(Contents.filter(({ Key }) => /evil|passwd/.test(Key ?? ''))).toEqual([]);
  });

  test('an archive with nothing but paths outside and links is refused as unsafe', async () => {
    const links = await tarball([{ name: 'a.jpg', type: 'symlink', linkname: '/etc/passwd' }]);
    await expect(takeIn('set.tar', links)).rejects.toMatchObject(rejection('ARCHIVE_UNSAFE', 'a.jpg'));
  });
});

test('I10: a folder that holds nothing but an archive is that archive', async () => {
  const archive = await zip(photos);
  const { summary, manifest } = await bench.takeIn({ 'flight 1.zip': archive, 'Thumbs.db': Buffer.from('x') });
  expect(summary).toMatchObject({ accepted: 4, rejected: [] });
  expect(manifest.source).toMatch(/\/flight 1\.zip$/);
});

test('position files beside an archive go with its photos, and one that the archive has itself comes first', async () => {
  const archive = await zip({ ...photos, 'geo.txt': Buffer.from('EPSG:4326') });
  const beside = { 'set.zip': archive, 'gcp_list.txt': Buffer.from('EPSG:32632'), 'geo.txt': Buffer.from('EPSG:1') };
  const { jobId, summary, names, reasons } = await bench.takeIn(beside);
  expect(summary.accepted).toBe(4);
  expect(reasons).toEqual({ 'geo.txt': 'the archive holds a file of the same name' });
  expect(names).toEqual(expect.arrayContaining(['gcp_list.txt', 'geo.txt']));
  expect(names).toHaveLength(6);
  expect((await bench.read(`${layout.unpackedFolder(jobId)}geo.txt`)).toString()).toBe('EPSG:4326');
});

test('I10: an archive beside photos is named, with the address to start with', async () => {
  const beside = await bench.takeIn({ ...photos, 'flight 2.zip': await zip(photos) });
  expect(beside.summary.accepted).toBe(4);
  expect(beside.reasons['flight 2.zip']).toMatch(
    /start a job with its own address, s3:\/\/spaceport\/.*flight 2\.zip$/,
  );
  await expect(bench.takeIn({ 'a.zip': await zip(photos), 'b.zip': await zip(photos) })).rejects.toMatchObject(
    rejection('NO_PHOTOS', 'start a job with its own address'),
  );
});

test('an archive that was replaced before a retry gives only its own photos', async () => {
  const before = await takeIn('set.zip', await zip({ ...photos, 'old.jpg': photo(1) }));
  const key = `${layout.uploadFolder('local', before.jobId)}set.zip`;
  await bench.put(key, await zip(photos));
  const after = await bench.takeIn({}, '', { jobId: before.jobId, location: { bucket: BUCKET, key } });
  expect(after.summary.accepted).toBe(4);
});

describe('bombs', () => {
  test('a bomb ends as soon as it shows', async () => {
    const zeros = Buffer.alloc(32 * 2 ** 20);
    const bomb = await zip({ 'a.jpg': zeros }, { compress: true });
    expect(bomb.length).toBeLessThan(2 ** 18);
    await expect(takeIn('set.zip', bomb)).rejects.toMatchObject(rejection('ARCHIVE_TOO_LARGE', 'times its size'));
    await expect(
      takeIn('set.tgz', gzipSync(await tarball([{ name: 'folder/a.jpg', content: zeros }]))),
    ).rejects.toMatchObject(rejection('ARCHIVE_TOO_LARGE', 'times its size'));
  });

  test('too many files and too many bytes are refused by what comes out, not by what the archive says', async () => {
    const key = 'uploads/local/limits/set.zip';
    await bench.put(key, await zip(goodPhotos(5)));
    const drain = async (_: string, content: AsyncIterable<unknown>): Promise<void> => {
      for await (const chunk of content) void chunk;
    };
    const source = { s3: bench.s3, archive: { bucket: BUCKET, key }, signal: new AbortController().signal };
    const unpack = (limits: object): Promise<unknown> => unpackArchive(source, drain, { ...ARCHIVE_LIMITS, ...limits });
    await expect(unpack({ entries: 4 })).rejects.toMatchObject(rejection('ARCHIVE_TOO_LARGE', 'more than 4 files'));
    await expect(unpack({ totalBytes: 1000 })).rejects.toMatchObject(
      rejection('ARCHIVE_TOO_LARGE', 'more than 1000 bytes'),
    );
  });

  test('a place that cannot be written to is not taken for a damaged entry', async () => {
    const key = 'uploads/local/sink/set.zip';
    await bench.put(key, await zip(photos));
    const source = { s3: bench.s3, archive: { bucket: BUCKET, key }, signal: new AbortController().signal };
    const full = async (): Promise<void> => {
      throw new Error('no space left');
    };
    await expect(unpackArchive(source, full)).rejects.toThrow('no space left');
  });
});

/** Of a tar's header, with its own field taken as blanks. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
