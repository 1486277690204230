import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { offsetOfTime, readForward } from '../../../local/sagemaker/logs/log-reader';

const PAGE = { maxEvents: 10_000, maxBytes: 1024 * 1024 };
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'spaceport-log-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the events since a time are found in a log of megabytes, whatever lengths its lines have', async () => {
  const file = path.join(folder, 'log');
  // Five lines of each time, some of them as long as lines may be, and times between which there is nothing.
  const lines = Array.from({ length: 3000 }, (_, i) => ({
    timestamp: 1000 + 10 * Math.floor(i / 5),
    message: `line ${i} `.padEnd(i % 97 === 0 ? 60_000 : (i * 37) % 900, '.'),
  }));
  await writeFile(file, lines.map(({ timestamp, message }) => `${timestamp} ${message}\n`).join(''));
  for (const time of [0, 1, 999, 1000, 1001, 1010, 2345, 4000, 4001, 6980, 6990]) {
    const { events } = await readForward(file, await offsetOfTime(file, time), PAGE);
    expect(events[0]).toEqual(lines.find(({ timestamp }) => timestamp >= time));
  }
  expect((await readForward(file, await offsetOfTime(file, 6991), PAGE)).events).toEqual([]);
});
