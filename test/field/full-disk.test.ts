import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPhotos, uploadPhotos } from '../../cli/server/photo-upload';
import { COMPONENT_NAMES } from '../../local/stack/components';
import { greyJpeg } from '../helpers/photos';
import { ScriptedStack } from '../helpers/stack/scripted-stack';
import { waitFor } from '../helpers/wait-for';

/** A small disk that holds the whole state folder, Temporal's database included. Only the superuser can mount it. */
const SIZE_MB = 128;
const MIB = 2 ** 20;
const ARCHIVE = path.join(__dirname, '../fixtures/parked-by-0.1.0.tar.gz');
const never = new AbortController().signal;
/** How long the disk stays full: longer than a log waits to try again, a supervisor to tick, and a heartbeat to be late. */
const FULL_MS = 60_000;

jest.setTimeout(400_000);
const run = promisify(execFile);
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a full disk, as the superuser who can mount a small one', () => {
  let disk: string;
  let filler: string;
  let product: ScriptedStack | undefined;

  beforeAll(async () => {
    disk = await mkdtemp(path.join(tmpdir(), 'spaceport-disk-'));
    filler = path.join(disk, 'filler');
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', disk]);
    product = await ScriptedStack.start({ retryMaximumMs: 2000 }, undefined, undefined, disk);
  });
  afterAll(async () => {
    await rm(filler, { force: true });
    await product?.stop();
    await run('umount', [disk]);
    await rmdir(disk);
  });
  afterEach(() => rm(filler, { force: true }));

  /** Writes until so many bytes are left. */
  async function fill(leaveBytes = 0): Promise<void> {
    const { bavail, bsize } = await statfs(disk);
    const file = await open(filler, 'a');
    try {
      for (let left = bavail * bsize - leaveBytes; left > 0; left -= MIB)
        await file.write(Buffer.alloc(Math.min(left, MIB)));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    } finally {
      await file.close();
    }
  }

  const pids = (): number[] => COMPONENT_NAMES.map((name) => product!.stack.pid(name));

  test('ends no process, and a running job continues to its end when there is space again', async () => {
    await product!.script('training', 'hang');
    const jobId = await product!.startJob();
    await product!.running(jobId, 'training');
    const before = pids();
    await fill();
    await expect(uploadPhotos(product!.s3, product!.stack.bucket, await findPhotos(ARCHIVE), never)).rejects.toThrow(
      'the disk of this machine is full',
    );
    const fullUntilMs = Date.now() + FULL_MS;
    while (Date.now() < fullUntilMs) {
      await fill(); // what logs and databases give back
      expect((await fetch(`${product!.stack.endpoints.server}/healthz`)).status).toBe(200);
      expect((await fetch(`${product!.stack.endpoints.mail}/messages`)).status).toBe(200);
      await delay(500);
    }
    await rm(filler);
    expect(pids()).toEqual(before);
    await product!.script('training', 'complete');
    const view = await product!.end(jobId);
    expect(view).toMatchObject({ state: 'succeeded', failure: null });
    expect(view.attempts.map(({ stage, attempt }) => `${stage} ${attempt}`)).toEqual([
      'sfm 1',
      'training 1',
      'compression 1',
    ]);
    await product!.mailed(jobId);
  });

  test('in the middle of a download fails the machine job by its name, and a retry continues', async () => {
    await product!.script('training', 'complete');
    // Together 5 MB.
    const photos = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${index}.jpg`, greyJpeg(6000 + 8 * index, 4000, 100 + index)]),
    );
    const s3Url = await product!.upload(photos);
    await fill(3 * MIB);
    const jobId = await product!.startJob({ s3Url, request: { retryWindowSeconds: 3600 } });
    const parked = await product!.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
    expect(parked.failure).toMatchObject({ code: 'DISK_FULL', message: 'the disk of this machine is full' });
    expect(await product!.mailed(jobId)).toHaveLength(1);
    await rm(filler);
    await waitFor('the retry to be taken', () => product!.api.retry(jobId, null).then(() => true));
    expect(await product!.end(jobId)).toMatchObject({ state: 'succeeded' });
  });
});
