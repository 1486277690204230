import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { sql, type Kysely } from 'kysely';
import { tombstone } from '../../../contracts/storage/retention';
import { createRecordStore } from '../../../platform/record-store';
import { createAnnotationDesk } from '../../../server/annotations/annotations';
import { createJobReader } from '../../../server/indexer/job-reader';
import { createJobLookup } from '../../../server/jobs/lookup';
import { createShareDesk } from '../../../server/shares/shares';
import { hashOf } from '../../../server/access/secrets';
import type { Caller } from '../../../server/http/context';
import { ownerOfKeys } from '../../../server/storage/shares';
import { createRegisteredStorage } from '../../../server/storage/registry/registered-storage';
import { onBothEngines, silentLogger } from '../../helpers/storage/engines';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';
import { jobRecord, MemoryRuns, NOW_MS, PUBLIC_URL } from '../helpers';

const CALLER: Caller = { tenant: 'local', scopes: ['write'], keyId: null };
const TEXT = 'a crack that nobody may read of any more';

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

/** Names and contents of everything in the bucket. */
async function allOfS3(): Promise<string> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const texts = Contents.map(async ({ Key }) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return `${Key ?? ''} ${(await Body?.transformToString()) ?? ''}`;
  });
  return (await Promise.all(texts)).join('\n');
}

/** Every row of every table. */
async function allOfDatabase(db: Kysely<never>): Promise<string> {
  const tables = await db.introspection.getTables();
  const rows = tables.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(db));
  return JSON.stringify(await Promise.all(rows));
}

onBothEngines((engine) => {
  test('what people have made of an erased job is in neither store any more', async () => {
    const { db } = await engine.newDatabase();
    const { storage } = createRegisteredStorage({ db, s3: client, bucket: BUCKET, logger: silentLogger });
    const records = createRecordStore({ s3: client, bucket: BUCKET });
    const runs = new MemoryRuns();
    const deps = { lookup: createJobLookup({ runs, records }), publicUrl: PUBLIC_URL, now: () => NOW_MS };
    const annotations = createAnnotationDesk({ ...deps, annotations: storage.annotations });
    const shares = createShareDesk({ ...deps, shares: storage.shares });
    const record = jobRecord({ state: 'succeeded', result: { files: [] } });
    await records.claim(record);
    const draft = { kind: 'note', vertices: [[0, 0, 0]], text: TEXT, view: null, value: null } as const;
    const note = await annotations.create(CALLER, record.jobId, draft, null);
    const share = await shares.create(CALLER, record.jobId, { scopes: [], shows: [], expiresAt: null });
    // As the API keeps the answers to creations that carry an Idempotency-Key, of a caller and of the link's holder.
    const answers = [
      { tenant: CALLER.tenant, route: `POST /v1/jobs/${record.jobId}/annotations` },
      { tenant: ownerOfKeys({ tokenHash: hashOf(share.token) }), route: 'POST /v1/shared/spl_…/annotations' },
    ].map((answer) => ({ ...answer, key: 'k1', digest: 'x' }));
    for (const answer of answers) {
      await storage.idempotency.claim(answer, NOW_MS, 0);
      await storage.idempotency.complete(answer, 201, note);
    }
    const left = [TEXT, note.annotationId, share.shareId, hashOf(share.token)];
    const stores = [allOfS3, () => allOfDatabase(db as unknown as Kysely<never>)];
    for (const read of stores) {
      const text = await read();
      for (const each of left) expect(text).toContain(each);
      expect(text).not.toContain(share.token);
    }

    const stored = await records.read(record.jobId);
    await records.replace(stored!, tombstone(record, NOW_MS), new AbortController().signal);
    const read = createJobReader({ records, runs, storage, logger: silentLogger });
    const jobs = [{ jobId: record.jobId, mayHaveRun: false }];
    const { done, failure } = await read(jobs, new AbortController().signal);
    expect({ done: [...done.keys()], failure }).toEqual({ done: [record.jobId], failure: null });
    for (const readAll of stores) {
      const text = await readAll();
      expect(text).toContain(record.jobId);
      for (const each of left) expect(text).not.toContain(each);
    }
  });
});
