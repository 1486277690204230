import { failure } from '../../../contracts/job/failures';
import { estimate, uncalibrated } from '../../../contracts/estimates/estimate';
import { newJobRecord, type JobRecord, type JobRequest } from '../../../contracts/job/record';
import type { JobState } from '../../../contracts/job/state';
import { tombstone } from '../../../contracts/storage/retention';
import type { Database } from '../../../server/storage/database';
import { InvalidCursorError } from '../../../server/storage/jobs/cursor';
import type { JobFilter } from '../../../server/storage/jobs/job-index';
import { createStorage, type Storage } from '../../../server/storage/storage';
import { testAttempt, testPhotos, testRequest } from '../../helpers/records';
import { onBothEngines } from '../../helpers/storage/engines';

const DAY_MS = 24 * 3600 * 1000;
const MONDAY_MS = Date.UTC(2026, 10, 23);

const jobId = (number: number): string => `job${String(number).padStart(5, '0')}`;

const record = (
  number: number,
  request: Partial<JobRequest> = {},
  changes: Partial<JobRecord> = {},
  createdAtMs = MONDAY_MS + number,
): JobRecord => ({ ...newJobRecord(jobId(number), testRequest(request), createdAtMs), ...changes });

onBothEngines((engine) => {
  let database: Database;
  let storage: Storage;
  beforeEach(async () => {
    database = await engine.newDatabase();
    storage = createStorage(database.db);
  });

  const upsert = (known: JobRecord, state: JobState = known.state, asOfMs = known.updatedAtMs): Promise<number> =>
    storage.jobs.upsert([{ record: known, state, asOfMs }]);
  const listed = async (filter: Partial<JobFilter> = {}, tenant = 'local'): Promise<string[]> =>
    (await storage.jobs.list(tenant, { limit: 100, ...filter })).jobs.map((job) => job.jobId);

  test('the ledger of all tenants is counted by what machines did, erased jobs included', async () => {
    const why = { code: 'OUT_OF_MEMORY', message: 'it was too much' } as const;
    const failed = testAttempt({ status: 'Failed', failure: why, billedSeconds: 30, costUsd: 0.25 });
    const attempts = [failed, testAttempt({ attempt: 2, billedSeconds: 60, costUsd: 0.5 })];
    await upsert(record(1, {}, { state: 'succeeded', attempts }));
    await upsert(record(2, { tenant: 'acme' }, { state: 'succeeded', attempts }));
    await upsert(tombstone(record(3, {}, { state: 'failed', attempts: [failed] }), MONDAY_MS));
    const waiting = { for: 'capacity', message: 'no machine is free', untilMs: null } as const;
    for (const number of [4, 5])
      await upsert(
        record(number, {}, { state: 'waiting', step: 'sfm', waiting: { ...waiting, sinceMs: MONDAY_MS + number } }),
      );
    const jobs = (await storage.ledger.jobs()).toSorted((x, y) => x.state.localeCompare(y.state));
    expect(jobs).toEqual([
      { state: 'succeeded', stage: null, preset: 'preview', failureCode: null, jobs: 2 },
      { state: 'waiting', stage: 'sfm', preset: 'preview', failureCode: null, jobs: 2 },
    ]);
    expect(await storage.ledger.waits()).toEqual([{ waitingFor: 'capacity', jobs: 2, sinceMs: MONDAY_MS + 4 }]);
    const line = { stage: 'training', preset: 'preview' };
    const told = (await storage.ledger.machines()).toSorted((x, y) => x.billedSeconds - y.billedSeconds);
    expect(told).toEqual([
      { ...line, status: 'Failed', failureCode: null, attempts: 1, billedSeconds: 30, costUsd: 0.25 },
      { ...line, status: 'Failed', failureCode: 'OUT_OF_MEMORY', attempts: 2, billedSeconds: 60, costUsd: 0.5 },
      { ...line, status: 'Completed', failureCode: null, attempts: 2, billedSeconds: 120, costUsd: 1 },
    ]);
  });

  test('failures and costs of late are those that came at a time or later', async () => {
    const attempts = [
      testAttempt({ costUsd: 0.25, endedAtMs: MONDAY_MS - 1 }),
      testAttempt({ attempt: 2, costUsd: 0.5, endedAtMs: MONDAY_MS }),
      testAttempt({ attempt: 3, costUsd: 1, endedAtMs: null }),
    ];
    const why = failure('TOO_FEW_POINTS', 'only 12 points');
    const failed = { state: 'failed', failure: why, attempts: [] } as const;
    expect([await storage.ledger.failuresSince(0), await storage.ledger.costUsdSince(0)]).toEqual([0, 0]);
    await upsert(record(1, {}, { ...failed, attempts, endedAtMs: MONDAY_MS - 1 }));
    await upsert(record(2, {}, { ...failed, endedAtMs: MONDAY_MS }));
    await upsert(record(3, { tenant: 'acme' }, { ...failed, state: 'parked', updatedAtMs: MONDAY_MS }));
    await upsert(record(4, {}, { state: 'succeeded', endedAtMs: MONDAY_MS }));
    await upsert(tombstone(record(5, {}, { ...failed, endedAtMs: MONDAY_MS }), MONDAY_MS));
    expect(await storage.ledger.failuresSince(MONDAY_MS)).toBe(2);
    expect(await storage.ledger.costUsdSince(MONDAY_MS)).toBe(0.5);
  });

  test('a line says what the record says', async () => {
    const why = failure('TOO_FEW_POINTS', 'only 12 points');
    await upsert(
      record(
        1,
        { name: 'Old Mill', location: { bucket: 'photos', key: 'flights/mill.zip' } },
        {
          state: 'failed',
          step: 'sfm',
          photos: testPhotos(),
          attempts: [testAttempt({ stage: 'sfm', costUsd: 0.25, billedSeconds: 90 }), testAttempt({ costUsd: 0.5 })],
          failure: why,
          endedAtMs: MONDAY_MS + 500,
          restedMs: 199,
          updatedAtMs: MONDAY_MS + 400,
        },
      ),
    );
    expect((await storage.jobs.list('local', { limit: 10 })).jobs).toEqual([
      {
        batchId: null,
        jobId: 'job00001',
        name: 'Old Mill',
        state: 'failed',
        stage: 'sfm',
        preset: 'preview',
        input: 's3://photos/flights/mill.zip',
        priority: 3,
        startAtMs: null,
        photos: 18,
        costUsd: 0.75,
        billedSeconds: 150,
        failure: { code: 'TOO_FEW_POINTS', message: 'only 12 points' },
        createdAtMs: MONDAY_MS + 1,
        updatedAtMs: MONDAY_MS + 400,
        endedAtMs: MONDAY_MS + 500,
        tookSeconds: 0.3,
        waitsFor: null,
        hasResult: false,
      },
    ]);
  });

  test('what is older never overwrites, in whatever order it comes', async () => {
    const versions = [1, 2, 3].map((ms) => record(1, {}, { updatedAtMs: MONDAY_MS + ms, step: 'sfm' }));
    const [first, second, third] = versions as [JobRecord, JobRecord, JobRecord];
    expect(await upsert(second, 'running')).toBe(1);
    expect(await upsert(first, 'queued')).toBe(0);
    expect(await upsert(second, 'running')).toBe(0);
    expect(await upsert(third, 'parked')).toBe(1);
    expect(await upsert(second, 'running')).toBe(0);
    expect((await storage.jobs.list('local', { limit: 1 })).jobs[0]?.state).toBe('parked');
  });

  test('of two versions of the same moment the one that comes later counts', async () => {
    const known = record(1, {}, { step: 'training' });
    await upsert(known, 'running');
    expect(await upsert({ ...known, attempts: [testAttempt()] }, 'failed')).toBe(1);
    expect((await storage.jobs.list('local', { limit: 1 })).jobs[0]).toMatchObject({
      state: 'failed',
      costUsd: 0.0123,
    });
  });

  test('pages hold every job once, the newest first, also where several began in the same millisecond', async () => {
    const all = Array.from({ length: 25 }, (_, number) => record(number, {}, {}, MONDAY_MS + Math.floor(number / 10)));
    await storage.jobs.upsert(all.map((known) => ({ record: known, state: 'queued', asOfMs: known.updatedAtMs })));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await storage.jobs.list('local', { limit: 4, ...(cursor !== null && { cursor }) });
      seen.push(...page.jobs.map((job) => job.jobId));
      // A job that begins meanwhile is on none of the pages that follow.
      await upsert(record(100 + seen.length, {}, {}, MONDAY_MS + DAY_MS));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, number) => jobId(24 - number)));
  });

  test('a page that is full to the last line has no next one', async () => {
    await upsert(record(1));
    await upsert(record(2));
    expect((await storage.jobs.list('local', { limit: 2 })).nextCursor).toBeNull();
  });

  test.each(['', 'x', 'MTIz', Buffer.from('1.job00001x!').toString('base64url'), 'a'.repeat(5000)])(
    'a cursor that no list has given is refused: %.20j',
    async (cursor) => {
      await expect(storage.jobs.list('local', { limit: 1, cursor })).rejects.toThrow(InvalidCursorError);
    },
  );

  test('filters apply together', async () => {
    await upsert(record(1, { preset: 'preview' }), 'running');
    await upsert(record(2, { preset: 'survey' }), 'running');
    await upsert(record(3, { preset: 'survey' }), 'failed');
    await upsert(record(4, { preset: 'survey' }), 'parked');
    expect(await listed({ states: ['failed', 'parked'] })).toEqual(['job00004', 'job00003']);
    expect(await listed({ preset: 'survey', states: ['running'] })).toEqual(['job00002']);
    expect(await listed({ createdAfterMs: MONDAY_MS + 1, createdBeforeMs: MONDAY_MS + 4 })).toEqual([
      'job00003',
      'job00002',
    ]);
    expect(await listed({ createdAfterMs: MONDAY_MS + 4 })).toEqual([]);
  });

  test.each([
    ['mill', ['job00002', 'job00001']],
    ['MILL', ['job00002', 'job00001']],
    ['old  mill', ['job00001']],
    ['mill old', ['job00001']],
    ['ÉGLISE', ['job00003']],
    ['100%', ['job00004']],
    ['0_0', []],
    ['a\\b', ['job00005']],
    ['job00003', ['job00003']],
    ['flights/', ['job00005', 'job00004', 'job00003', 'job00002', 'job00001']],
    ["'; drop table jobs; --", []],
    ['   ', ['job00005', 'job00004', 'job00003', 'job00002', 'job00001']],
  ])('a search for %j finds what holds all its words', async (text, found) => {
    const names = ['Old Mill', 'Windmill 7', 'Église', 'Slope 100%', 'a\\b'];
    for (const [index, name] of names.entries())
      await upsert(record(index + 1, { name, location: { bucket: 'photos', key: `flights/f${index}/` } }));
    expect(await listed({ text })).toEqual(found);
  });

  test('names and addresses of any length and letters are taken in', async () => {
    const key = `${'\ufdfa'.repeat(300)}/flight/`;
    expect(await upsert(record(1, { name: '😀'.repeat(100), location: { bucket: 'photos', key } }))).toBe(1);
    expect(await listed({ text: 'job00001' })).toEqual(['job00001']);
  });

  test('a tenant sees its own jobs only', async () => {
    await upsert(record(1, { tenant: 'north' }));
    await upsert(record(2, { tenant: 'south' }));
    expect(await listed({}, 'north')).toEqual(['job00001']);
    expect(await listed({ text: 'job00002' }, 'north')).toEqual([]);
  });

  test('an erased job is in no list, nothing personal of it is left, and what it cost stays', async () => {
    const known = record(
      1,
      { name: 'Secret garden', location: { bucket: 'photos', key: 'gardens/secret/' } },
      {
        state: 'failed',
        step: 'training',
        attempts: [testAttempt({ endedAtMs: MONDAY_MS + 1000 })],
        failure: failure('CONTAINER_FAILED', 'the secret garden failed'),
      },
    );
    await upsert(known);
    await upsert(tombstone(known, MONDAY_MS + 9000));
    expect(await listed()).toEqual([]);
    // The record of before the erasure, read late.
    await upsert(known);
    expect(await listed()).toEqual([]);
    expect(await storage.usage.spentUsd('local', { fromMs: 0, toMs: MONDAY_MS + DAY_MS })).toBe(0.0123);
    const rows = JSON.stringify(await database.db.selectFrom('jobs').selectAll().execute());
    expect(rows).toContain('job00001');
    expect(rows.toLowerCase()).not.toMatch(/secret|garden|pilot@/);
  });

  test('the index knows which jobs may still change', async () => {
    await upsert(record(1, {}, { state: 'running', step: 'sfm' }));
    await upsert(record(2, {}, { state: 'failed', attempts: [testAttempt({ status: 'Running', endedAtMs: null })] }));
    await upsert(record(3, {}, { state: 'succeeded', attempts: [testAttempt()] }));
    const versions = await storage.jobs.versions([1, 2, 3, 4].map(jobId));
    expect([...versions].map(([id, { isSettled }]) => [id, isSettled]).sort()).toEqual([
      ['job00001', false],
      ['job00002', false],
      ['job00003', true],
    ]);
    expect(await storage.jobs.versions([])).toEqual(new Map());
    expect(await storage.jobs.count()).toBe(3);
  });

  describe('usage', () => {
    const ended = (endedAtMs: number | null, changes: object = {}) => testAttempt({ endedAtMs, ...changes });

    test('machines count on the UTC day of their end, by preset and stage, for their tenant', async () => {
      const first = record(
        1,
        { tenant: 'north' },
        { attempts: [ended(MONDAY_MS - 1), ended(MONDAY_MS, { attempt: 2 })] },
      );
      const second = record(
        2,
        { tenant: 'north' },
        { attempts: [ended(MONDAY_MS + DAY_MS - 1), ended(null, { attempt: 2, status: 'Running' })] },
      );
      const third = record(
        3,
        { tenant: 'north', preset: 'survey' },
        { attempts: [ended(MONDAY_MS, { stage: 'sfm' })] },
      );
      const other = record(4, { tenant: 'south' }, { attempts: [ended(MONDAY_MS)] });
      for (const known of [first, second, third, other]) await upsert(known);
      const line = { dayMs: MONDAY_MS, preset: 'preview', stage: 'training' };
      expect(await storage.usage.lines('north', { fromMs: MONDAY_MS - DAY_MS, toMs: MONDAY_MS + DAY_MS })).toEqual([
        { ...line, dayMs: MONDAY_MS - DAY_MS, jobs: 1, attempts: 1, billedSeconds: 60, costUsd: 0.0123 },
        { ...line, jobs: 2, attempts: 2, billedSeconds: 120, costUsd: 0.0246 },
        { ...line, preset: 'survey', stage: 'sfm', jobs: 1, attempts: 1, billedSeconds: 60, costUsd: 0.0123 },
      ]);
      expect(await storage.usage.lines('north', { fromMs: MONDAY_MS + DAY_MS, toMs: MONDAY_MS + 9 * DAY_MS })).toEqual(
        [],
      );
      const totals = { jobs: 3, attempts: 4, billedSeconds: 240 };
      const all = await storage.usage.totals('north', { fromMs: MONDAY_MS - DAY_MS, toMs: MONDAY_MS + DAY_MS });
      expect(all).toMatchObject(totals);
      expect(all.costUsd).toBeCloseTo(4 * 0.0123, 10);
      expect(await storage.usage.totals('east', { fromMs: 0, toMs: MONDAY_MS * 2 })).toEqual({
        jobs: 0,
        attempts: 0,
        billedSeconds: 0,
        costUsd: 0,
      });
      expect(await storage.usage.spentUsd('south', { fromMs: MONDAY_MS, toMs: MONDAY_MS + 1 })).toBe(0.0123);
      expect(await storage.usage.spentUsd('east', { fromMs: 0, toMs: MONDAY_MS * 2 })).toBe(0);
    });

    test('open jobs commit what they are expected to cost at least, beyond what they have', async () => {
      const made = estimate(
        { photos: { low: 20, high: 20 }, megapixels: null, preset: 'preview', options: {} },
        uncalibrated(null),
      );
      const expecting = (low: number): Pick<JobRecord, 'estimate'> => ({
        estimate: { ...made, usd: { low, high: 9 } },
      });
      const spent = { attempts: [testAttempt({ costUsd: 0.25 })] };
      await upsert(record(1, {}, { state: 'running', ...expecting(1), ...spent }));
      await upsert(record(2, {}, { state: 'waiting', ...expecting(0.5) }));
      await upsert(record(3, {}, { state: 'running', ...expecting(0.1), ...spent }));
      await upsert(record(4, {}, { state: 'queued' }));
      for (const [index, state] of (['parked', 'succeeded', 'failed', 'cancelled', 'cancelling'] as const).entries())
        await upsert(record(10 + index, {}, { state, ...expecting(1) }));
      await upsert(record(20, { tenant: 'north' }, { state: 'running', ...expecting(7) }));
      expect(await storage.usage.committedUsd('local')).toBeCloseTo(1.25, 10);
      expect(await storage.usage.committedUsd('east')).toBe(0);
    });

    test('attempts compare by preset, stage and machine, where they did all of a scene as it was asked for', async () => {
      const attempts = [
        ended(1000, { attempt: 1, status: 'Failed' }),
        ended(2000, { attempt: 2, billedSeconds: 2 }),
        ended(3000, { attempt: 3, part: 1 }),
        ended(3100, { attempt: 4, memoryStep: 1 }),
        ended(3200, { attempt: 5, resumedFrom: 1 }),
        ended(3300, { attempt: 6, instanceType: 'ml.g5.xlarge' }),
        ended(null, { attempt: 7, status: 'Running' }),
      ];
      const photos = testPhotos({ accepted: 100 });
      await upsert(record(1, {}, { attempts, photos }));
      const options = { maxIterations: 500 };
      const other = ended(5000, { options, billedSeconds: 5 });
      await upsert(record(2, { tenant: 'north' }, { attempts: [other], photos: testPhotos({ accepted: 120 }) }));
      await upsert(record(4, {}, { attempts: [ended(7000)] }));
      await upsert(record(5, { preset: 'survey' }, { attempts: [ended(8000)], photos }));
      const alike = { preset: 'preview', stage: 'training', instanceType: 'ml.g4dn.xlarge' } as const;
      const first = { photos: 100, options: {}, billedSeconds: 2 };
      const second = { photos: 120, options, billedSeconds: 5 };
      expect(await storage.usage.comparable(alike, null, 10)).toEqual([second, first]);
      expect(await storage.usage.comparable(alike, null, 1)).toEqual([second]);
      expect(await storage.usage.comparable(alike, 'local', 10)).toEqual([first]);
      expect(await storage.usage.comparable({ ...alike, stage: 'sfm' }, null, 10)).toEqual([]);
    });
  });
});
