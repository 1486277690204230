import type { BudgetAlert } from '../../../contracts/messages/budget-alert';
import { newJobRecord } from '../../../contracts/job/record';
import type { UsedUpBudget } from '../../../platform/used-up-budgets';
import { createTellOfBudget, type SendAlert } from '../../../server/budgets/alerts';
import { createBudgets } from '../../../server/budgets/budgets';
import { createLookAtBudgets } from '../../../server/budgets/look';
import { createWriteDown, type WriteDown } from '../../../server/budgets/write-down';
import { createStorage, type Storage } from '../../../server/storage/storage';
import { testAttempt, testRequest } from '../../helpers/records';
import { onBothEngines } from '../../helpers/storage/engines';

const NOVEMBER_MS = Date.UTC(2026, 10, 15);
const DECEMBER_MS = Date.UTC(2026, 11, 1);

onBothEngines((engine) => {
  let storage: Storage;
  let sent: BudgetAlert[];
  let nowMs: number;
  let jobs: number;
  beforeEach(async () => {
    storage = createStorage((await engine.newDatabase()).db);
    [sent, nowMs, jobs] = [[], NOVEMBER_MS, 0];
  });

  const tenant = (id: string, changes: object = {}) =>
    storage.tenants.create({
      id,
      name: id.toUpperCase(),
      limits: {},
      monthlyBudgetUsd: 10,
      alertEmail: `${id}@example.com`,
      createdAtMs: 1,
      closedAtMs: null,
      ...changes,
    });
  const spend = async (of: string, costUsd: number, endedAtMs = nowMs): Promise<void> => {
    jobs += 1;
    const record = {
      ...newJobRecord(`job0000${jobs}`, testRequest({ tenant: of }), nowMs),
      attempts: [testAttempt({ costUsd, endedAtMs })],
    };
    await storage.jobs.upsert([{ record, state: 'succeeded', asOfMs: nowMs }]);
  };
  const lookAnd = (writeDown: WriteDown, send: SendAlert) =>
    createLookAtBudgets({
      tenants: storage.tenants,
      budgets: createBudgets({ ...storage, now: () => nowMs }),
      writeDown,
      tell: createTellOfBudget({ alerts: storage.budgetAlerts, send, now: () => nowMs }),
    });
  const look = (send: SendAlert = async (alert) => void sent.push(alert)) => lookAnd(async () => undefined, send)();
  const told = () => sent.map(({ tenant: of, month, percent }) => `${of} ${month} ${percent}`);

  test('each percentage is told of once a month, with the figures', async () => {
    await tenant('acme');
    await spend('acme', 4.99);
    await look();
    expect(told()).toEqual([]);
    await spend('acme', 0.01);
    await look();
    await look();
    expect(sent).toEqual([
      {
        tenant: 'acme',
        name: 'ACME',
        email: 'acme@example.com',
        month: '2026-11',
        percent: 50,
        spentUsd: 5,
        budgetUsd: 10,
      },
    ]);
    await spend('acme', 3);
    await look();
    await spend('acme', 3);
    await look();
    await look();
    expect(told()).toEqual(['acme 2026-11 50', 'acme 2026-11 80', 'acme 2026-11 100']);
    nowMs = DECEMBER_MS;
    await look();
    expect(sent).toHaveLength(3);
    await spend('acme', 5);
    await look();
    expect(told().slice(3)).toEqual(['acme 2026-12 50']);
  });

  test('of several percentages that are reached at once the highest is told of, and no lower one later', async () => {
    await tenant('acme', { monthlyBudgetUsd: 100 });
    await spend('acme', 9);
    await look();
    expect(told()).toEqual([]);
    await storage.tenants.update('acme', { monthlyBudgetUsd: 11 });
    await look();
    await storage.tenants.update('acme', { monthlyBudgetUsd: 18 });
    await look();
    expect(told()).toEqual(['acme 2026-11 80']);
    await storage.tenants.update('acme', { monthlyBudgetUsd: 9 });
    await look();
    expect(told()).toEqual(['acme 2026-11 80', 'acme 2026-11 100']);
  });

  test('what is used up is written down for the workers, and taken back when there is more', async () => {
    const notes: [string, string | null][] = [];
    const note = async (of: string, usedUp: UsedUpBudget | null) => void notes.push([of, usedUp?.message ?? null]);
    const lookAgain = lookAnd(createWriteDown({ note }), async () => undefined);
    await tenant('acme');
    await tenant('free', { monthlyBudgetUsd: null });
    await lookAgain();
    const withoutAny = notes.splice(0);
    expect(withoutAny.sort()).toEqual(
      expect.arrayContaining([
        ['acme', null],
        ['free', null],
      ]),
    );
    await spend('acme', 12);
    await spend('free', 12);
    await lookAgain();
    await lookAgain();
    expect(notes.splice(0)).toEqual([['acme', expect.stringContaining('$10.00; $12.00 are spent')]]);
    await storage.tenants.update('acme', { monthlyBudgetUsd: 100 });
    await lookAgain();
    expect(notes.splice(0)).toEqual([['acme', null]]);
  });

  test('what was spent in other months, or by others, does not count', async () => {
    await tenant('acme');
    await spend('acme', 100, DECEMBER_MS);
    await spend('acme', 100, Date.UTC(2026, 9, 31, 23, 59));
    await spend('other', 100);
    await look();
    expect(told()).toEqual([]);
  });

  test('tenants without a budget, of nothing, without an address, or closed are told nothing', async () => {
    await tenant('a-none', { monthlyBudgetUsd: null });
    await tenant('b-zero', { monthlyBudgetUsd: 0 });
    await tenant('c-mute', { alertEmail: null });
    await tenant('d-over', { closedAtMs: 5 });
    for (const id of ['a-none', 'b-zero', 'c-mute', 'd-over']) await spend(id, 10);
    await look();
    expect(told()).toEqual([]);
    await storage.tenants.update('c-mute', { alertEmail: 'c@example.com' });
    await look();
    expect(told()).toEqual(['c-mute 2026-11 100']);
  });

  test('what Temporal did not take is sent by the next look, and nothing twice', async () => {
    await tenant('acme');
    await spend('acme', 8);
    await expect(look(() => Promise.reject(new Error('connection refused')))).rejects.toThrow('connection refused');
    await look();
    await look();
    expect(told()).toEqual(['acme 2026-11 80']);
  });
});
