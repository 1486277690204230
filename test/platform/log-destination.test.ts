import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { LogDestination } from '../../platform/log-destination';
import { waitFor } from '../helpers/wait-for';

const lostLine = (lines: number): string => `lost ${lines}\n`;
const LINE = `${'x'.repeat(1023)}\n`;
/** More than waits: 256 KiB. */
const MANY = 600;

let folder: string;
let handle: fs.promises.FileHandle;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-log-'));
  handle = await open(path.join(folder, 'log'), 'a');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await handle.close();
  await rm(folder, { recursive: true, force: true });
});

const written = (): Promise<string> => readFile(path.join(folder, 'log'), 'utf8');

/** Every write fails with this code, until the mock is restored. */
function failWrites(code: string): jest.SpyInstance {
  const failing = (...args: unknown[]): void => {
    const callback = args.at(-1) as (error: Error) => void;
    setImmediate(() => callback(Object.assign(new Error(code), { code })));
  };
  return jest.spyOn(fs, 'write').mockImplementation(failing);
}

test.each(['ENOSPC', 'EDQUOT', 'EIO', 'EAGAIN', 'EPIPE'])(
  'a log that cannot be written (%s) keeps its oldest lines, and says how many are lost when it can be again',
  async (code) => {
    const destination = new LogDestination(handle.fd, lostLine);
    destination.write('before\n');
    await destination.settled();
    const writing = failWrites(code);
    for (let line = 0; line < MANY; line += 1) destination.write(LINE);
    await waitFor('a failed write', async () => writing.mock.calls.length > 0);
    writing.mockRestore();
    const text = await waitFor('the lines', async () => (await written()).includes('lost') && written());
    const lines = text.split('\n');
    const kept = lines.filter((line) => `${line}\n` === LINE).length;
    expect(kept).toBeGreaterThan(200);
    expect(lines).toEqual(['before', ...Array<string>(kept).fill(LINE.trim()), `lost ${MANY - kept}`, '']);
  },
);

test('a line that was cut by a full disk is written to its end when there is space', async () => {
  const real = fs.write;
  const destination = new LogDestination(handle.fd, lostLine);
  const writing = jest.spyOn(fs, 'write').mockImplementationOnce(((fd: number, text: string, callback: never) => {
    real(fd, text.slice(0, 4), callback);
  }) as unknown as typeof fs.write);
  writing.mockImplementationOnce(((_fd: number, _text: string, callback: (error: Error) => void) =>
    setImmediate(() => callback(Object.assign(new Error('full'), { code: 'ENOSPC' })))) as unknown as typeof fs.write);
  destination.write('whole line\n');
  await waitFor('the rest', async () => (await written()).endsWith('\n'));
  expect(await written()).toBe('whole line\n');
});

test('settled does not wait for a disk that is full', async () => {
  failWrites('ENOSPC');
  const destination = new LogDestination(handle.fd, lostLine);
  destination.write(LINE);
  await destination.settled();
  await destination.settled();
});

describe('a process whose log goes to a full disk', () => {
  const hook = path.join(__dirname, '../helpers/register-typescript.js');
  const logger = path.join(__dirname, '../../platform/logger.ts');

  /** A program with our logger whose stderr and stdout, where wanted, cannot be written. */
  async function start(program: string): Promise<ChildProcess> {
    const full = await open('/dev/full', 'w');
    const script = `const { loggerOnStderr } = require(${JSON.stringify(logger)});
      const { logger, settled } = loggerOnStderr({ name: 'test' });
      ${program}`;
    const child = spawn(process.execPath, ['-r', hook, '-e', script], { stdio: ['ignore', 'pipe', full.fd, 'ipc'] });
    await full.close();
    return child;
  }

  test('serves on while it logs and prints, and ends when it is told to', async () => {
    const child = await start(`
      for (let line = 0; line < 5000; line += 1) logger.info({ line }, 'a line that is as long as a line of a log is');
      logger.fatal('at the worst');
      console.error('printed by a library');
      setTimeout(() => process.stdout.write('still here\\n'), 1500);
      process.once('SIGTERM', () => settled().then(() => process.exit(7)));
      setInterval(() => logger.info('again'), 50);`);
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
    expect(line).toBe('still here');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([7, null]);
  });

  test('ends by itself when its work is done', async () => {
    const child = await start(`logger.info('one line');`);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
