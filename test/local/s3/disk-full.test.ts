/** A disk that fills up: a small file system of its own where the machine lets tests mount one, else injected. */
import { execFileSync } from 'node:child_process';
import fs, { type PathLike } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { BUCKET, BucketUnderTest, patternBytes, removeFolder, temporaryFolder } from './harness';

const MIB = 1024 * 1024;
const FULL = {
  name: 'InsufficientStorage',
  message: 'The disk of this machine is full. Free some space, then try again.',
  $metadata: { httpStatusCode: 507, attempts: 1 },
};

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

function mountSmallDisk(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder], { stdio: 'ignore' });
}

/** Whether this machine lets tests mount file systems: as root, outside most containers. */
function canMount(): boolean {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'spaceport-mount-'));
  try {
    mountSmallDisk(folder);
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    fs.rmdirSync(folder);
  }
}

const MOUNTS = canMount();

test('an upload onto a full disk says so, leaves nothing behind, and succeeds once there is space', async () => {
  const root = await temporaryFolder();
  if (MOUNTS) mountSmallDisk(root);
  const bucket = new BucketUnderTest();
  await bucket.start({ root });
  try {
    await bucket.put('kept', 'old');
    const before = await filesBelow(root);
    const spy = MOUNTS
      ? undefined
      : jest.spyOn(fs, 'createWriteStream').mockImplementation(injectedFullDisk as typeof fs.createWriteStream);

    await expect(bucket.s3.client({ maxAttempts: 3 }).send(put('new', 16 * MIB))).rejects.toMatchObject(FULL);
    await expect(bucket.send(put('kept', 16 * MIB))).rejects.toMatchObject(FULL);

    spy?.mockRestore();
    expect(await filesBelow(root)).toEqual(before);
    expect((await bucket.bytesOf('kept')).toString()).toBe('old');
    await bucket.send(put('new', 4 * MIB));
    expect((await bucket.bytesOf('new')).equals(patternBytes(4 * MIB))).toBe(true);
  } finally {
    await bucket.s3.close();
    if (MOUNTS) execFileSync('umount', [root]);
    await removeFolder(root);
  }
});

const onSmallDisk = MOUNTS ? test : test.skip;

onSmallDisk('what could not be completed on a full disk can be completed once there is space', async () => {
  const root = await temporaryFolder();
  mountSmallDisk(root);
  const bucket = new BucketUnderTest();
  await bucket.start({ root });
  try {
    const upload = { Bucket: BUCKET, Key: 'in-parts' };
    const { UploadId } = await bucket.send(new CreateMultipartUploadCommand(upload));
    const Body = patternBytes(5 * MIB);
    const { ETag } = await bucket.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body }));
    const complete = new CompleteMultipartUploadCommand({
      ...upload,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });
    const free = await fill(root);
    const before = await filesBelow(root);

    await expect(bucket.send(complete)).rejects.toMatchObject(FULL);

    expect(await filesBelow(root)).toEqual(before);
    await free();
    await bucket.send(complete);
    expect((await bucket.bytesOf('in-parts')).equals(Body)).toBe(true);
  } finally {
    await bucket.s3.close();
    execFileSync('umount', [root]);
    await removeFolder(root);
  }
});

const put = (Key: string, bytes: number): PutObjectCommand =>
  new PutObjectCommand({ Bucket: BUCKET, Key, Body: patternBytes(bytes) });

/** A file that takes the first bytes and then finds no space, as fs does. */
function injectedFullDisk(file: PathLike): Writable {
  fs.writeFileSync(file, '');
  return new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 }));
    },
  });
}

/** Takes all space that is left; returns what gives it back. */
async function fill(root: string): Promise<() => Promise<void>> {
  const ballast = path.join(root, 'ballast');
  await writeFile(ballast, Buffer.alloc(16 * MIB)).catch(() => undefined);
  return () => rm(ballast);
}
