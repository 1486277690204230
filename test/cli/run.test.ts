import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseCommandLine } from '../../cli/command-line';
import { run, type Outcome } from '../../cli/commands/run';
import { SpaceportApi } from '../../cli/server/spaceport-api';
import { LOCAL_TENANT } from '../../contracts/job/record';
import { layout } from '../../contracts/storage/layout';
import { removeFolder, temporaryFolder } from '../local/s3/harness';
import { testApp } from '../server/helpers';

const PHOTO = 'a photo';

let folder: string;
let server: Server;
let app: ReturnType<typeof testApp>;
let said: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(path.join(folder, 'a.jpg'), PHOTO);
  const memory = testApp().storage;
  const storage = { ...memory, usage: { ...memory.usage, spentUsd: async () => 9.5 } };
  app = { ...testApp({ storage }), storage };
  await storage.tenants.create({
    id: LOCAL_TENANT,
    name: 'here',
    limits: {},
    monthlyBudgetUsd: 10,
    alertEmail: null,
    createdAtMs: 1,
    closedAtMs: null,
  });
  server = createServer(app.app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  said = [];
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await removeFolder(folder);
});

/** `spaceport run FOLDER`, until the job has started. */
function start(...options: string[]): Promise<Outcome> {
  const command = parseCommandLine(['run', folder, '--email', 'pilot@example.com', '--no-follow', ...options]);
  if (command.name !== 'run') throw new Error(`it is read as ${command.name}`);
  const api = new SpaceportApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return run(command, { api, email: null }, (line) => said.push(line), new AbortController().signal);
}

test('a budget that is used up is said before anything is sent', async () => {
  await app.storage.tenants.update(LOCAL_TENANT, { monthlyBudgetUsd: 9 });
  await expect(start()).rejects.toThrow('nothing was sent: the budget of 2026-11 is $9.00; $9.50 are spent. Ask the');
  expect(app.uploads.manifests.size).toBe(0);
});

test('what no job would be started with is said before photos are sent, and else what to expect', async () => {
  await expect(start('--options', 'wings=2')).rejects.toThrow('wings');
  // Its links lead nowhere: whatever is to be sent has arrived by itself.
  for (const { tenant, uploadId } of app.uploads.manifests.values())
    app.uploads.objects.set(`${layout.uploadPhotosFolder(tenant, uploadId)}a.jpg`, PHOTO.length);
  said.length = 0;
  const { status } = await start('--options', 'shBands=0');
  expect(status).toBe(0);
  expect(said).toEqual([
    `Sending one photo of ${folder}`,
    expect.stringMatching(/^Expected of the job: .+, \$\S+ to \$\S+ at AWS's prices$/),
    expect.stringMatching(/^Job \S+ has started: http/),
  ]);
  expect(app.runs.started).toMatchObject([{ request: { options: { shBands: 0 } } }]);
});
