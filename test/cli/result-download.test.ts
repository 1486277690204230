import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { downloadResult } from '../../cli/server/result-download';
import { SpaceportApi } from '../../cli/server/spaceport-api';
import { removeFolder, temporaryFolder } from '../local/s3/harness';

const json = (value: unknown): string => JSON.stringify(value);
const meta = (...pictures: string[]): string => json({ version: 2, count: 9, means: { files: pictures }, shN: null });

/** What the storage has of a job, more than its result lists. */
const STORED: Readonly<Record<string, string>> = {
  'scene.sog': 'the scene',
  'scene/lod-meta.json': json({ version: 1, filenames: ['0_0/meta.json', '1_0/meta.json'] }),
  'scene/0_0/meta.json': meta('means_l.webp', 'means_u.webp'),
  'scene/0_0/means_l.webp': 'l0',
  'scene/0_0/means_u.webp': 'u0',
  'scene/1_0/meta.json': meta('means_l.webp'),
  'scene/1_0/means_l.webp': 'l1',
  'tiles/tileset.json': json({
    root: { content: { uri: '0.glb' }, children: [{ children: [{ content: { uri: '1.glb' } }] }] },
  }),
  'tiles/0.glb': 'coarse',
  'tiles/1.glb': 'fine',
};
const LISTED = ['scene.sog', 'scene/lod-meta.json', 'tiles/tileset.json'];

let folder: string;
let server: Server;
let stored: Record<string, string>;
let asked: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  [stored, asked] = [{ ...STORED }, []];
  server = createServer((request, response) => {
    const name = decodeURIComponent(request.url ?? '').replace('/v1/jobs/job1/artifacts/', '');
    asked.push(name);
    response.writeHead(name in stored ? 200 : 404).end(stored[name]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await removeFolder(folder);
});

const download = () => {
  const files = LISTED.map((name) => ({ name, bytes: 1, url: '' }));
  const api = new SpaceportApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const result = { pageUrl: '', sogUrl: null, plyUrl: null, files };
  return downloadResult(api, { jobId: 'job1', result }, folder, new AbortController().signal);
};

test('a streamed scene and tiles are saved with all that their indexes name, in their folders', async () => {
  await download();
  const target = path.join(folder, 'job1');
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const saved = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(target, path.join(entry.parentPath, entry.name)));
  expect(saved.sort()).toEqual(Object.keys(STORED).sort());
  for (const name of saved) expect(await readFile(path.join(target, name), 'utf8')).toBe(STORED[name]);
  expect(asked.sort()).toEqual(Object.keys(STORED).sort());
});

test('an index that leads out of the folder ends the download', async () => {
  stored['tiles/tileset.json'] = json({ root: { content: { uri: '../../../evil' } } });
  await expect(download()).rejects.toThrow('"../../evil" is no name of a file below a folder');
});

test('a piece that is gone is told', async () => {
  delete stored['scene/1_0/means_l.webp'];
  await expect(download()).rejects.toMatchObject({ status: 404 });
});
