import { CreateBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { createRecordStore } from '../../../platform/record-store';
import { createJobReader } from '../../../server/indexer/job-reader';
import { rebuild, type RebuildReport } from '../../../server/indexer/rebuild';
import type { Database } from '../../../server/storage/database';
import { reconcileRegistry } from '../../../server/storage/registry/reconcile';
import { createRegistry, type Registry } from '../../../server/storage/registry/registry';
import { createRegistryObjects, type RegistryObjects } from '../../../server/storage/registry/registry-objects';
import { createStorage, type Storage } from '../../../server/storage/storage';
import { createBatchStore } from '../../../platform/batch-store';
import { testBatch, testRequest } from '../../helpers/records';
import { onBothEngines, silentLogger } from '../../helpers/storage/engines';
import { waitFor } from '../../helpers/wait-for';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';
import { MemoryRuns } from '../helpers';

const signal = new AbortController().signal;

/** A database with its registry. */
interface Site {
  readonly database: Database;
  readonly storage: Storage;
  readonly registry: Registry;
}

let s3: RunningS3;
let client: S3Client;
beforeEach(async () => {
  s3 = await startS3();
  client = s3.client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterEach(async () => {
  await s3.close();
  await removeFolder(s3.root);
});

const keysInS3 = async (): Promise<string[]> => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'registry/' }));
  return Contents.map(({ Key = '' }) => Key.slice('registry/'.length));
};

const key = {
  id: 'key1',
  tenant: 'north',
  name: 'Laptop',
  prefix: 'sp_abcd',
  hash: 'aa'.repeat(32),
  scopes: ['read'] as const,
  createdAtMs: 1000,
  expiresAtMs: null,
};
const tenant = {
  id: 'north',
  name: 'North',
  limits: { jobs: 3 },
  monthlyBudgetUsd: 5,
  alertEmail: null,
  createdAtMs: 1,
  closedAtMs: null,
};
const note = { tenant: 'north', jobId: 'job12345', id: 'note1', body: { text: 'a crack' }, createdAtMs: 1000 };
const share = {
  id: 'share1',
  tenant: 'north',
  jobId: 'job12345',
  tokenHash: 'cc',
  scopes: ['view'] as const,
  shows: [],
  createdAtMs: 1000,
  expiresAtMs: 9000,
};
const endpoint = { id: 'hook1', tenant: 'north', url: 'https://a.example', events: ['job.succeeded'], createdAtMs: 1 };

onBothEngines((engine) => {
  let objects: RegistryObjects;
  let site: Site;
  beforeEach(async () => {
    objects = createRegistryObjects({ s3: client, bucket: BUCKET });
    site = await newSite();
  });

  async function newSite(through: RegistryObjects = objects): Promise<Site> {
    const database = await engine.newDatabase();
    const registry = createRegistry({ db: database.db, objects: through, logger: silentLogger });
    return { database, registry, storage: createStorage(database.db, registry.change) };
  }

  async function fill({ storage }: Site): Promise<void> {
    await storage.tenants.create(tenant);
    await storage.keys.create(key);
    await storage.endpoints.create(endpoint);
    await storage.shares.create(share);
    await storage.annotations.create(note, 10);
  }

  const contents = async ({ storage }: Site): Promise<unknown> => [
    await storage.tenants.list(),
    await storage.keys.list('north'),
    await storage.endpoints.list('north'),
    await storage.shares.list('north', 'job12345'),
    await storage.annotations.list('north', 'job12345'),
  ];

  const reconcile = ({ database: { db }, registry }: Site, scope: 'missing' | 'all', through = objects) =>
    reconcileRegistry({ db, registry, objects: through, logger: silentLogger }, scope, signal);

  test('a database that was lost is filled again from S3', async () => {
    await fill(site);
    await site.storage.keys.revoke('north', 'key1', 5000);
    await site.storage.endpoints.rotateSecret('north', 'hook1', 1000, 2000);
    await site.storage.annotations.replace({ ...note, body: { text: 'two cracks' } }, 1, 2000);
    expect(await keysInS3()).toEqual([
      'annotations/north/job12345/note1.json',
      'endpoints/north/hook1.json',
      'keys/north/key1.json',
      'shares/north/job12345/share1.json',
      'tenants/north/north.json',
    ]);
    const empty = await newSite();
    expect(await reconcile(empty, 'missing')).toEqual({ restored: 5, unreadable: 0 });
    expect(await contents(empty)).toEqual(await contents(site));
    expect(await reconcile(empty, 'all')).toEqual({ restored: 0, unreadable: 0 });
  });

  test('what is removed is removed from S3 too, and what was not there writes nothing', async () => {
    await fill(site);
    await site.storage.shares.removeOfJob('north', 'job12345');
    await site.storage.annotations.removeOfJob('north', 'job12345');
    await site.storage.endpoints.remove('north', 'hook1');
    await site.storage.keys.revoke('north', '../../jobs/x', 5000);
    await site.storage.annotations.replace({ ...note, id: 'nothing' }, 7, 2000);
    expect(await keysInS3()).toEqual(['keys/north/key1.json', 'tenants/north/north.json']);
  });

  test('a change counts while S3 is away, and S3 gets it later, whoever does that', async () => {
    let isAway = true;
    const unsteady: RegistryObjects = {
      ...objects,
      write: async (...args) => {
        if (isAway) throw new Error('S3 does not answer');
        return objects.write(...args);
      },
    };
    const away = await newSite(unsteady);
    await away.storage.keys.create(key);
    await away.storage.keys.revoke('north', 'key1', 5000);
    expect(await keysInS3()).toEqual([]);
    await expect(away.registry.settle(signal)).rejects.toThrow('S3 does not answer');
    // What S3 does not have yet is not taken away, however much S3 counts.
    await reconcile(away, 'all');
    expect(await away.storage.keys.find('north', 'key1')).toMatchObject({ revokedAtMs: 5000 });

    isAway = false;
    await away.registry.settle(signal);
    expect(await keysInS3()).toEqual(['keys/north/key1.json']);
    const empty = await newSite();
    await reconcile(empty, 'missing');
    expect(await empty.storage.keys.find('north', 'key1')).toMatchObject({ revokedAtMs: 5000 });
    expect(await away.database.db.selectFrom('registryChanges').selectAll().execute()).toEqual([]);
  });

  test('two writers of one thing leave in S3 what the database has, whichever is slower', async () => {
    let release: () => void = () => undefined;
    let held: Promise<void> | null = new Promise((resolve) => (release = resolve));
    const slowFirst: RegistryObjects = {
      ...objects,
      async write(what, row, until) {
        const wait = held;
        held = null;
        await wait;
        return objects.write(what, row, until);
      },
    };
    const slow = await newSite(slowFirst);
    const first = slow.storage.annotations.create(note, 10);
    await waitFor('the note', async () => (await slow.storage.annotations.list('north', 'job12345')).length === 1);
    await slow.storage.annotations.replace({ ...note, body: { text: 'newer' } }, 1, 2000);
    release();
    await first;
    const empty = await newSite();
    await reconcile(empty, 'missing');
    expect(await empty.storage.annotations.find('north', 'job12345', 'note1')).toMatchObject({
      version: 2,
      body: { text: 'newer' },
    });
  });

  test('an old backup that was put back learns what was revoked, made and removed since', async () => {
    await fill(site);
    const backup = await newSite();
    await reconcile(backup, 'missing');
    await site.storage.keys.revoke('north', 'key1', 5000);
    await site.storage.annotations.removeOfJob('north', 'job12345');
    await site.storage.keys.create({ ...key, id: 'key2', hash: 'bb'.repeat(32) });
    expect(await reconcile(backup, 'all')).toEqual({ restored: 3, unreadable: 0 });
    expect(await contents(backup)).toEqual(await contents(site));
  });

  test('an object that is not of its thing is left out, and the others are taken', async () => {
    await fill(site);
    const other = { kind: 'keys', tenant: 'south', jobId: '', id: 'key9' } as const;
    await objects.write(other, { ...key, scopes: '[]', revokedAtMs: null }, signal);
    await objects.write({ ...other, id: 'key8' }, { id: 'key8' }, signal);
    const empty = await newSite();
    expect(await reconcile(empty, 'missing')).toEqual({ restored: 5, unreadable: 2 });
    expect(await empty.storage.keys.list('south')).toEqual([]);
  });

  test('a rebuild gives a lost database keys and jobs, and takes from another what S3 does not have', async () => {
    await fill(site);
    const records = createRecordStore({ s3: client, bucket: BUCKET });
    const runs = new MemoryRuns();
    const job = (jobId: string): JobRecord => ({
      ...newJobRecord(jobId, testRequest({ tenant: 'north' }), 1000),
      state: 'failed',
    });
    for (const jobId of ['job00001', 'job00002']) await records.claim(job(jobId));
    const batches = createBatchStore({ s3: client, bucket: BUCKET });
    await batches.claim(testBatch(['job00001'], { tenant: 'north' }));
    const rebuilt = ({ database: { db }, registry, storage }: Site): Promise<RebuildReport> => {
      const read = createJobReader({ records, runs, storage, logger: silentLogger });
      return rebuild({ db, registry, storage, objects, records, batches, read, logger: silentLogger }, signal);
    };
    const empty = await newSite();
    expect(await rebuilt(empty)).toEqual({ registered: 5, unreadable: 0, jobs: 2, jobsRemoved: 0 });
    expect((await empty.storage.jobs.list('north', { limit: 10 })).jobs).toHaveLength(2);
    expect((await empty.storage.batches.list('north', { limit: 10 })).batches).toMatchObject([
      { name: 'Village', members: 1 },
    ]);

    const gone = job('job00003');
    await empty.storage.jobs.upsert([{ record: gone, state: 'failed', asOfMs: 1000 }]);
    expect(await rebuilt(empty)).toEqual({ registered: 0, unreadable: 0, jobs: 2, jobsRemoved: 1 });
  });
});
