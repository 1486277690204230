import fs from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { LogWriter } from '../../../local/sagemaker/logs/log-writer';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-log-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

test('a full disk costs lines of a log and not the program that prints them; the log says how many', async () => {
  const file = path.join(folder, 'log');
  const real = fs.promises.appendFile;
  let isFull = false;
  jest.spyOn(fs.promises, 'appendFile').mockImplementation(async (...args) => {
    if (!isFull) return real(...args);
    // As much as finds room, which is not all.
    await real(file, (args[1] as string).slice(0, 7));
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  const log = new LogWriter(file);
  async function* output(): AsyncGenerator<Buffer> {
    yield Buffer.from('first\n');
    isFull = true;
    yield Buffer.from('lost\nlost too\n');
    yield Buffer.from('lost as well\n');
    expect(log.isCut).toBe(true);
    isFull = false;
    yield Buffer.from('last\n');
  }
  // Chunk by chunk: a stream would read ahead.
  await log.copy(output() as unknown as Readable);
  const events = (await readFile(file, 'utf8')).split('\n').map((line) => line.replace(/^\d+ /, ''));
  expect(events).toEqual(['first', '3 lines of this log could not be written', 'last', '']);
  expect(log.isCut).toBe(false);
});
