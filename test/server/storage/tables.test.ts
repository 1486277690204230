import { createStorage, type Storage } from '../../../server/storage/storage';
import type { ApiKey } from '../../../server/storage/keys';
import type { Share } from '../../../server/storage/shares';
import { onBothEngines } from '../../helpers/storage/engines';

const key = (changes: Partial<ApiKey> = {}): Omit<ApiKey, 'revokedAtMs' | 'lastUsedAtMs'> => ({
  id: 'key1',
  tenant: 'north',
  name: 'Laptop',
  prefix: 'sp_abcd',
  hash: 'aa'.repeat(32),
  scopes: ['read', 'write'],
  createdAtMs: 1_800_000_000_000,
  expiresAtMs: null,
  ...changes,
});

const share = (changes: Partial<Share> = {}): Omit<Share, 'revokedAtMs'> => ({
  id: 'share1',
  tenant: 'north',
  jobId: 'job12345',
  tokenHash: 'cc'.repeat(32),
  scopes: ['view', 'download'],
  shows: ['cost'],
  createdAtMs: 1000,
  expiresAtMs: 9000,
  ...changes,
});

onBothEngines((engine) => {
  let storage: Storage;
  beforeEach(async () => {
    storage = createStorage((await engine.newDatabase()).db);
  });

  describe('tenants', () => {
    const north = {
      id: 'north',
      name: 'North',
      limits: { jobs: 3 },
      monthlyBudgetUsd: 12.5,
      alertEmail: null,
      createdAtMs: 1000,
    };

    test('an id is given once', async () => {
      expect(await storage.tenants.create({ ...north, closedAtMs: null })).toBe(true);
      expect(await storage.tenants.create({ ...north, name: 'Another', closedAtMs: null })).toBe(false);
      expect(await storage.tenants.find('north')).toEqual({ ...north, closedAtMs: null });
      expect(await storage.tenants.find('south')).toBeNull();
    });

    test('a change leaves the rest as it is', async () => {
      await storage.tenants.create({ ...north, closedAtMs: null });
      expect(await storage.tenants.update('north', { monthlyBudgetUsd: null })).toMatchObject({
        name: 'North',
        limits: { jobs: 3 },
        monthlyBudgetUsd: null,
        alertEmail: null,
      });
      await storage.tenants.update('north', { limits: {}, closedAtMs: 5000 });
      expect(await storage.tenants.list()).toEqual([
        { ...north, limits: {}, monthlyBudgetUsd: null, alertEmail: null, closedAtMs: 5000 },
      ]);
      expect(await storage.tenants.update('south', { name: 'x' })).toBeNull();
      expect(await storage.tenants.update('north', {})).toMatchObject({ name: 'North' });
    });
  });

  describe('keys and sessions', () => {
    test('a key is found by its hash, and listed for its tenant only', async () => {
      await storage.keys.create(key());
      await storage.keys.create(key({ id: 'key2', hash: 'bb'.repeat(32), createdAtMs: 1_800_000_000_001 }));
      await storage.keys.create(key({ id: 'key3', hash: 'dd'.repeat(32), tenant: 'south' }));
      expect(await storage.keys.findByHash('aa'.repeat(32))).toEqual({
        ...key(),
        revokedAtMs: null,
        lastUsedAtMs: null,
      });
      expect((await storage.keys.list('north')).map(({ id }) => id)).toEqual(['key2', 'key1']);
      expect(await storage.keys.find('south', 'key1')).toBeNull();
      await expect(storage.keys.create(key({ id: 'key4' }))).rejects.toThrow();
    });

    test('a revoked key keeps the time of its revocation, and its sessions end', async () => {
      await storage.keys.create(key());
      const session = { hash: 'ee', keyId: 'key1', tenant: 'north', createdAtMs: 1000, expiresAtMs: 2000 };
      await storage.sessions.create({ ...session, scopes: ['read'] });
      expect(await storage.sessions.find('ee', 1999)).toEqual({ ...session, scopes: ['read'] });
      expect(await storage.keys.revoke('south', 'key1', 1500)).toBeNull();
      expect(await storage.sessions.find('ee', 1999)).not.toBeNull();
      expect(await storage.keys.revoke('north', 'key1', 1500)).toMatchObject({ revokedAtMs: 1500 });
      expect(await storage.keys.revoke('north', 'key1', 1600)).toMatchObject({ revokedAtMs: 1500 });
      expect(await storage.sessions.find('ee', 1999)).toBeNull();
    });

    test('a session ends with its time, or when it is told to', async () => {
      const session = { keyId: 'key1', tenant: 'north', scopes: ['read'] as const, createdAtMs: 1000 };
      for (const [hash, expiresAtMs] of [
        ['ended', 2000],
        ['short', 2000],
        ['long', 3000],
      ] as const)
        await storage.sessions.create({ ...session, hash, expiresAtMs });
      await storage.sessions.end('ended');
      expect(await storage.sessions.find('ended', 1500)).toBeNull();
      expect(await storage.sessions.find('short', 2000)).toBeNull();
      expect(await storage.sessions.removeExpired(2000)).toBe(1);
      expect(await storage.sessions.find('long', 2000)).not.toBeNull();
    });

    test('a link of a mail is taken once, before its end, and ends with its key', async () => {
      const link = { keyId: 'key1', tenant: 'north', scopes: ['read'] as const, createdAtMs: 1000, expiresAtMs: 2000 };
      for (const hash of ['late', 'used', 'revoked', 'other'])
        await storage.signInLinks.create({ ...link, hash, keyId: hash === 'other' ? 'key2' : 'key1' });
      expect(await storage.signInLinks.take('late', 2000)).toBeNull();
      const answers = await Promise.all([1, 2].map(() => storage.signInLinks.take('used', 1999)));
      expect(answers.filter((answer) => answer !== null)).toEqual([{ ...link, hash: 'used' }]);
      await storage.keys.create(key());
      await storage.keys.revoke('north', 'key1', 1500);
      expect(await storage.signInLinks.take('revoked', 1600)).toBeNull();
      expect(await storage.signInLinks.removeExpired(2000)).toBe(1);
    });

    test('uses of a key are noted to a minute', async () => {
      await storage.keys.create(key());
      const lastUse = async (): Promise<number | null | undefined> =>
        (await storage.keys.find('north', 'key1'))?.lastUsedAtMs;
      await storage.keys.used('north', 'key1', 100_000);
      await storage.keys.used('north', 'key1', 130_000);
      expect(await lastUse()).toBe(100_000);
      await storage.keys.used('north', 'key1', 160_000);
      expect(await lastUse()).toBe(160_000);
    });
  });

  describe('shares', () => {
    test('a share is found by its token, and by its own tenant', async () => {
      await storage.shares.create(share());
      await storage.shares.create(share({ id: 'share2', tokenHash: 'dd', jobId: 'job67890', createdAtMs: 1001 }));
      expect(await storage.shares.findByTokenHash('cc'.repeat(32))).toEqual({ ...share(), revokedAtMs: null });
      const first = await storage.shares.page('north', { limit: 1 });
      const second = await storage.shares.page('north', { limit: 1, cursor: first.nextCursor! });
      expect([first, second].flatMap(({ shares }) => shares.map(({ id, jobName }) => [id, jobName]))).toEqual([
        ['share2', null],
        ['share1', null],
      ]);
      expect(second.nextCursor).toBeNull();
      expect(await storage.shares.page('south', { limit: 9 })).toEqual({ shares: [], nextCursor: null });
      await expect(storage.shares.page('north', { limit: 1, cursor: 'abc' })).rejects.toThrow('nextCursor');
      expect(await storage.shares.find('south', 'share1')).toBeNull();
      expect(await storage.shares.revoke('south', 'share1', 5000)).toBeNull();
      expect(await storage.shares.revoke('north', 'share1', 5000)).toMatchObject({ revokedAtMs: 5000 });
      expect((await storage.shares.list('north', 'job12345')).map(({ id }) => id)).toEqual(['share1']);
    });

    test('the shares of one job are forgotten', async () => {
      await storage.shares.create(share());
      await storage.shares.create(share({ id: 'share2', tokenHash: 'dd' }));
      await storage.shares.create(share({ id: 'share3', tokenHash: 'ee', jobId: 'job67890' }));
      await storage.shares.removeOfJob('south', 'job12345');
      expect(await storage.shares.list('north', 'job12345')).toHaveLength(2);
      await storage.shares.removeOfJob('north', 'job12345');
      expect(await storage.shares.list('north', 'job12345')).toEqual([]);
      expect(await storage.shares.findByTokenHash('ee')).not.toBeNull();
    });
  });

  describe('annotations', () => {
    const place = { tenant: 'north', jobId: 'job12345', id: 'note1' };
    const create = (changes: object = {}, limit = 10) =>
      storage.annotations.create(
        { ...place, body: { text: 'a crack "here" – 1 mm' }, createdAtMs: 1000, ...changes },
        limit,
      );

    test('a change needs the version that it is made of, unless it takes any', async () => {
      expect(await create()).toMatchObject({ version: 1, updatedAtMs: 1000, body: { text: 'a crack "here" – 1 mm' } });
      const next = { ...place, body: { text: 'two cracks' } };
      expect(await storage.annotations.replace(next, 1, 2000)).toMatchObject({ version: 2, updatedAtMs: 2000 });
      expect(await storage.annotations.replace(next, 1, 3000)).toBe('changed');
      expect(await storage.annotations.replace(next, null, 3000)).toMatchObject({ version: 3, createdAtMs: 1000 });
      expect(await storage.annotations.replace({ ...next, tenant: 'south' }, null, 3000)).toBeNull();
      expect(await storage.annotations.remove('north', 'job12345', 'note1', 2)).toBe('changed');
      expect(await storage.annotations.remove('north', 'job12345', 'note1', 3)).toMatchObject({ version: 3 });
      expect(await storage.annotations.remove('north', 'job12345', 'note1', 3)).toBeNull();
    });

    test('of two changes of the same version at once one is made', async () => {
      await create();
      const answers = await Promise.all(
        ['a', 'b'].map((text) => storage.annotations.replace({ ...place, body: { text } }, 1, 2000)),
      );
      expect(answers.filter((answer) => answer === 'changed')).toHaveLength(1);
      expect(await storage.annotations.find('north', 'job12345', 'note1')).toMatchObject({ version: 2 });
    });

    test('a job that has as many as it may have takes no more', async () => {
      await create({ jobId: 'job67890' });
      expect(await create({}, 1)).toMatchObject({ id: 'note1' });
      expect(await create({ id: 'note2' }, 1)).toBeNull();
      expect(await storage.annotations.list('north', 'job12345')).toHaveLength(1);
    });

    test('the annotations of one job are forgotten', async () => {
      await create();
      await create({ id: 'note2', createdAtMs: 1001 });
      await create({ jobId: 'job67890' });
      expect((await storage.annotations.list('north', 'job12345')).map(({ id }) => id)).toEqual(['note1', 'note2']);
      await storage.annotations.removeOfJob('north', 'job12345');
      expect(await storage.annotations.list('north', 'job12345')).toEqual([]);
      expect(await storage.annotations.list('north', 'job67890')).toHaveLength(1);
    });
  });

  test('an endpoint of webhooks is changed, gets new secrets and goes, by its own tenant only', async () => {
    const endpoint = { id: 'hook1', tenant: 'north', url: 'https://a.example', events: ['job.succeeded'] };
    expect(await storage.endpoints.create({ ...endpoint, createdAtMs: 1000 })).toMatchObject({
      ...endpoint,
      secretGeneration: 1,
      disabledAtMs: null,
    });
    expect(await storage.endpoints.update('north', 'hook1', { events: [], disabledAtMs: 2000 })).toMatchObject({
      url: 'https://a.example',
      events: [],
      disabledAtMs: 2000,
    });
    const rotated = await Promise.all([1, 2].map(() => storage.endpoints.rotateSecret('north', 'hook1', 1000, 5000)));
    expect(rotated.map((endpoint) => endpoint?.secretGeneration).toSorted()).toEqual([2, 3]);
    expect(await storage.endpoints.find('north', 'hook1')).toMatchObject({
      formerSecrets: [
        { generation: 2, untilMs: 5000 },
        { generation: 1, untilMs: 5000 },
      ],
    });
    // Old secrets end where a rotation says so, or by themselves.
    expect(await storage.endpoints.rotateSecret('north', 'hook1', 2000, 2000)).toMatchObject({ formerSecrets: [] });
    expect(await storage.endpoints.rotateSecret('north', 'hook1', 3000, 4000)).toMatchObject({
      secretGeneration: 5,
      formerSecrets: [{ generation: 4, untilMs: 4000 }],
    });
    expect(await storage.endpoints.rotateSecret('south', 'hook1', 1000, 5000)).toBeNull();
    expect(await storage.endpoints.remove('south', 'hook1')).toBe(false);
    expect(await storage.endpoints.list('north')).toHaveLength(1);
    expect(await storage.endpoints.remove('north', 'hook1')).toBe(true);
    expect(await storage.endpoints.find('north', 'hook1')).toBeNull();
  });

  describe('idempotency', () => {
    const request = { tenant: 'north', route: 'POST /v1/shares', key: 'k1', digest: 'd1' };
    const claim = (changes: Partial<typeof request> = {}, nowMs = 1000, staleBeforeMs = 0) =>
      storage.idempotency.claim({ ...request, ...changes }, nowMs, staleBeforeMs);

    test('of many that claim at once one makes the answer, and all get it', async () => {
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim()));
      expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
      expect(claims.filter(({ kind }) => kind === 'underWay')).toHaveLength(19);
      await storage.idempotency.complete(request, 201, { id: 'x' });
      expect(await claim()).toEqual({ kind: 'answered', status: 201, body: { id: 'x' } });
    });

    test('another body is refused; another tenant, route or key is another request', async () => {
      await claim();
      expect(await claim({ digest: 'd2' })).toEqual({ kind: 'otherBody' });
      for (const other of [{ tenant: 'south' }, { route: 'POST /v1/keys' }, { key: 'k2' }])
        expect(await claim(other)).toEqual({ kind: 'claimed' });
    });

    test('what was given up, or left behind by a server that is gone, is claimed again', async () => {
      await claim();
      await storage.idempotency.release(request);
      expect(await claim({}, 2000)).toEqual({ kind: 'claimed' });
      expect(await claim({}, 3000, 2000)).toEqual({ kind: 'underWay' });
      expect(await claim({}, 3000, 2001)).toEqual({ kind: 'claimed' });
      expect(await claim({}, 3001, 2001)).toEqual({ kind: 'underWay' });
    });

    test('an answer is neither given up nor taken over, and is forgotten with its time', async () => {
      await claim();
      await storage.idempotency.complete(request, 204, undefined);
      await storage.idempotency.release(request);
      expect(await claim({}, 9000, 8000)).toEqual({ kind: 'answered', status: 204, body: null });
      expect(await storage.idempotency.removeBefore(1000)).toBe(0);
      expect(await storage.idempotency.removeBefore(1001)).toBe(1);
      expect(await claim({}, 9000)).toEqual({ kind: 'claimed' });
    });

    test('answers to what belongs to a job go with it, and no others', async () => {
      const [own, neighbour] = ['POST /v1/jobs/job12345/shares', 'POST /v1/jobs/job12345x/shares'];
      for (const route of [own, neighbour]) {
        await claim({ route });
        await storage.idempotency.complete({ ...request, route }, 201, { text: 'a crack' });
      }
      await storage.idempotency.removeBelow('south', 'POST /v1/jobs/job12345/');
      expect(await claim({ route: own })).toMatchObject({ kind: 'answered' });
      await storage.idempotency.removeBelow('north', 'POST /v1/jobs/job12345/');
      expect(await claim({ route: own })).toEqual({ kind: 'claimed' });
      expect(await claim({ route: neighbour })).toMatchObject({ kind: 'answered' });
    });
  });

  test('an alert of a budget is due until it is handed over, once for each month and percentage', async () => {
    const alert = { tenant: 'north', month: '2026-11', percent: 50 } as const;
    const due = (changes: object = {}) => storage.budgetAlerts.due({ ...alert, ...changes }, 1000);
    expect(await Promise.all([due(), due(), due()])).toEqual([true, true, true]);
    await storage.budgetAlerts.handedOver(alert, 2000);
    expect(await due()).toBe(false);
    for (const other of [{ percent: 80 }, { month: '2026-12' }, { tenant: 'south' }])
      expect(await due(other)).toBe(true);
  });

  test('a lease has one holder, who renews it; another gets it when it is over or given back', async () => {
    const hold = (holder: string, nowMs: number) => storage.leases.hold('indexer', holder, nowMs, nowMs + 100);
    const taken = await Promise.all(['a', 'b', 'c'].map((holder) => hold(holder, 1000)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const [first, second] = taken[0] ? ['a', 'b'] : ['b', 'a'];
    if (taken[2]) await storage.leases.release('indexer', 'c');
    expect(await hold(first, 1050)).toBe(true);
    expect(await hold(second, 1149)).toBe(false);
    expect(await hold(second, 1150)).toBe(true);
    await storage.leases.release('indexer', first);
    expect(await hold(first, 1151)).toBe(false);
    await storage.leases.release('indexer', second);
    expect(await hold(first, 1152)).toBe(true);
  });
});
