import pino, { type Logger } from 'pino';
import { Writable } from 'node:stream';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { tombstone } from '../../../contracts/storage/retention';
import { UnreadableRecordError } from '../../../platform/record-store';
import { createIndexer, type Indexer, type IndexerDeps, type IndexerRules } from '../../../server/indexer/indexer';
import type { RecentFilter } from '../../../server/jobs/runs';
import type { Database } from '../../../server/storage/database';
import type { IndexedJob } from '../../../server/storage/jobs/job-index';
import { createStorage, type Storage } from '../../../server/storage/storage';
import { MemoryBatches } from '../../helpers/memory-records';
import { testBatch, testRequest } from '../../helpers/records';
import { onBothEngines, silentLogger } from '../../helpers/storage/engines';
import { waitFor } from '../../helpers/wait-for';
import { MemoryRuns, MemoryStore, NOW_MS, openRun } from '../helpers';

/** As in production, but without the waiting. */
const RULES: IndexerRules = {
  listEveryMs: 10,
  listQueuedEveryMs: 50,
  settleMs: 50,
  refreshed: 5,
  refreshedQueued: 2,
  sweepEveryMs: 60_000,
  budgetsEveryMs: 10,
  settledAtOnce: 1000,
  leaseMs: 2000,
};

/** Records in memory; those of `away` cannot be had, those of `broken` not be read. */
class Records extends MemoryStore {
  readonly away = new Set<string>();
  readonly broken = new Set<string>();

  override async read(jobId: string): ReturnType<MemoryStore['read']> {
    if (this.away.has('*') || this.away.has(jobId)) throw new Error('S3 does not answer');
    if (this.broken.has(jobId)) throw new UnreadableRecordError(jobId, 'it is not JSON');
    return super.read(jobId);
  }
  async *jobIds(): AsyncGenerator<readonly string[]> {
    if (this.away.has('*')) throw new Error('S3 does not answer');
    yield [...this.records.keys()].sort();
  }
}

/** Runs in memory that count how often they were listed. */
class Runs extends MemoryRuns {
  tries = 0;

  override async recent(filter: RecentFilter): ReturnType<MemoryRuns['recent']> {
    this.tries += 1;
    return super.recent(filter);
  }
}

const record = (jobId: string, changes: Partial<JobRecord> = {}): JobRecord => ({
  ...newJobRecord(jobId, testRequest({ name: `Job ${jobId}` }), NOW_MS - 60_000),
  ...changes,
});

onBothEngines((engine) => {
  let database: Database;
  let storage: Storage;
  let records: Records;
  let batches: MemoryBatches;
  let runs: Runs;
  let indexers: Indexer[];
  beforeEach(async () => {
    database = await engine.newDatabase();
    storage = createStorage(database.db);
    records = new Records();
    batches = new MemoryBatches();
    runs = new Runs();
    indexers = [];
  });
  afterEach(async () => {
    for (const indexer of indexers) await indexer.stop();
  });

  const start = (changes: Partial<IndexerDeps> = {}): Indexer => {
    const indexer = createIndexer({
      records,
      batches,
      runs,
      storage,
      registry: { change: async () => never(), isBehind: async () => false, settle: async () => undefined },
      restore: async () => undefined,
      lookAtBudgets: async () => undefined,
      logger: silentLogger,
      rules: RULES,
      ...changes,
    });
    indexers.push(indexer);
    indexer.start();
    return indexer;
  };
  const listed = async (): Promise<readonly IndexedJob[]> => (await storage.jobs.list('local', { limit: 100 })).jobs;
  const stateOf = async (jobId: string): Promise<string | undefined> =>
    (await listed()).find((job) => job.jobId === jobId)?.state;

  test('a batch that a server lost before it was on the list is found', async () => {
    await batches.claim(testBatch(['job00001', 'job00002']));
    start();
    await waitFor('the batch', async () => (await storage.batches.list('local', { limit: 10 })).batches.length === 1);
  });

  test('a job appears when it starts, changes with its record, and has the state that its run left it in', async () => {
    start();
    records.records.set('job00001', record('job00001'));
    runs.runs.set('job00001', openRun({ state: 'queued' }));
    await waitFor('the new job', async () => (await stateOf('job00001')) === 'queued');

    records.records.set('job00001', record('job00001', { state: 'running', step: 'sfm', updatedAtMs: NOW_MS }));
    runs.runs.set('job00001', openRun({ state: 'running' }));
    await waitFor('its change', async () => (await listed())[0]?.stage === 'sfm');

    // Terminated: nothing of ours could write a record of that.
    runs.runs.set('job00001', openRun({ status: 'TERMINATED', closedAtMs: NOW_MS + 1000 }));
    await waitFor('its end', async () => (await stateOf('job00001')) === 'failed');
  });

  test('a job that is retried is queued before its new run has written a record', async () => {
    records.records.set('job00001', record('job00001', { state: 'failed', step: 'sfm', endedAtMs: NOW_MS }));
    start();
    await waitFor('the failed job', async () => (await stateOf('job00001')) === 'failed');
    runs.runs.set('job00001', openRun({ startedAtMs: NOW_MS + 5000, state: 'queued' }));
    await waitFor('the retry', async () => (await stateOf('job00001')) === 'queued');
  });

  test('jobs that Temporal has forgotten are found in the storage', async () => {
    for (let number = 0; number < 250; number += 1) {
      const jobId = `job${String(number).padStart(5, '0')}`;
      records.records.set(jobId, record(jobId, { state: 'succeeded' }));
    }
    start();
    await waitFor('all jobs', async () => (await storage.jobs.count()) === 250);
  });

  test('an erased job leaves the list, and its shares and annotations go', async () => {
    const known = record('job00001', { state: 'succeeded' });
    records.records.set('job00001', known);
    const place = { tenant: 'local', jobId: 'job00001', createdAtMs: 1 };
    await storage.annotations.create({ ...place, id: 'note1', body: {} }, 10);
    await storage.shares.create({ ...place, id: 's1', tokenHash: 'x', scopes: [], shows: [], expiresAtMs: null });
    start();
    await waitFor('the job', async () => (await listed()).length === 1);
    records.records.set('job00001', tombstone(known, NOW_MS));
    runs.erased.push('job00001');
    await waitFor('its erasure', async () => (await listed()).length === 0);
    expect(await storage.annotations.list('local', 'job00001')).toEqual([]);
    expect(await storage.shares.list('local', 'job00001')).toEqual([]);
  });

  test('records that cannot be read or had do not keep the others away', async () => {
    for (const jobId of ['job00001', 'job00002', 'job00003'])
      records.records.set(jobId, record(jobId, { state: 'failed' }));
    records.broken.add('job00001');
    records.away.add('job00002');
    start();
    await waitFor('the third job', async () => (await stateOf('job00003')) === 'failed');
    expect(await stateOf('job00002')).toBeUndefined();
  });

  test('an outage is logged once, and once that it is over; then nothing is missing', async () => {
    const { logger, lines } = memoryLogger();
    records.away.add('*');
    runs.away = true;
    start({ logger });
    await waitFor('both warnings', () => lines.filter(({ level }) => level === 'warn').length === 2);
    records.records.set('job00001', record('job00001', { state: 'failed' }));
    const tries = runs.tries;
    await waitFor('another try', () => runs.tries > tries + 2);
    records.away.clear();
    runs.away = false;
    await waitFor('the job', async () => (await stateOf('job00001')) === 'failed');
    await waitFor('the end of the outage', () => lines.filter(({ msg }) => msg.startsWith('no more')).length === 2);
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });

  test('of two servers on one database one keeps the index; the other takes over when it stops', async () => {
    const told = [memoryLogger(), memoryLogger()];
    const isLeader = (index: number): boolean => told[index]!.lines.some(({ msg }) => msg.includes('keeps the index'));
    const [first] = [start({ logger: told[0]!.logger }), start({ logger: told[1]!.logger })];
    await waitFor('a leader', () => isLeader(0) || isLeader(1));
    const leader = isLeader(0) ? 0 : 1;
    records.records.set('job00001', record('job00001', { state: 'failed' }));
    runs.runs.set('job00001', openRun({ status: 'FAILED' }));
    await waitFor('the job', async () => (await stateOf('job00001')) === 'failed');
    expect(isLeader(1 - leader)).toBe(false);

    await (leader === 0 ? first : indexers[1]!).stop();
    await waitFor('the other', () => isLeader(1 - leader));
    await waitFor('it to say so', () => indexers[1 - leader]!.isLeader());
    runs.runs.set('job00001', openRun({ startedAtMs: NOW_MS + 5000, state: 'queued' }));
    await waitFor('the retry', async () => (await stateOf('job00001')) === 'queued');
  });

  test('a server whose database went away for a while continues when it is back', async () => {
    const { logger, lines } = memoryLogger();
    let isAway = true;
    const leases: Storage['leases'] = {
      ...storage.leases,
      hold: async (...lease) => {
        if (isAway) throw new Error('the database does not answer');
        return storage.leases.hold(...lease);
      },
    };
    records.records.set('job00001', record('job00001', { state: 'failed' }));
    start({ logger, storage: { ...storage, leases } });
    await waitFor('the warning', () => lines.some(({ level }) => level === 'warn'));
    isAway = false;
    await waitFor('the job', async () => (await stateOf('job00001')) === 'failed');
  });

  test('sweeps forget sessions that are over and old answers', async () => {
    const session = { keyId: 'k', tenant: 'local', scopes: [], createdAtMs: 1, expiresAtMs: 2 };
    await storage.sessions.create({ ...session, hash: 'over' });
    const request = { tenant: 'local', route: 'POST /v1/shares', key: 'k1', digest: 'd' };
    await storage.idempotency.claim(request, NOW_MS - 25 * 3600 * 1000, 0);
    start({ now: () => NOW_MS });
    await waitFor('both to be forgotten', async () => {
      const rows = await database.db.selectFrom('sessions').select('hash').execute();
      return rows.length === 0 && (await database.db.selectFrom('idempotency').select('key').execute()).length === 0;
    });
  });
});

const never = (): never => {
  throw new Error('nothing registered is changed here');
};

function memoryLogger(): { logger: Logger; lines: { level: string; msg: string }[] } {
  const lines: { level: string; msg: string }[] = [];
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as { level: string; msg: string });
      done();
    },
  });
  return { logger: pino({ formatters: { level: (label) => ({ level: label }) } }, stream), lines };
}
