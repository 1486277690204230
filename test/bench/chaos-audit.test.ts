import { judge } from '../../bench/chaos/audit/audit';
import type {
  Deed,
  Evidence,
  LedgerLine,
  Machine,
  Stamp,
  StoredRecord,
  WebhookCall,
} from '../../bench/chaos/audit/evidence';

const JOB = 'abcdefgh';
const nameOf = (stage: string, attempt = 1): string => `local-${JOB}-${stage}-a0${attempt}`;
const INSTANCE = { sfm: 'ml.c6i.2xlarge', training: 'ml.g4dn.xlarge', compression: 'ml.c6i.4xlarge' } as const;
const PRICE = { sfm: 0.408, training: 0.736, compression: 0.816 } as const;
type Stage = keyof typeof INSTANCE;
const STAGES = ['sfm', 'training', 'compression'] as const;

const machine = (stage: Stage, attempt = 1, change: Partial<Machine> = {}): Machine => {
  const startedAtMs = 10_000 * (STAGES.indexOf(stage) + 1) + 1000 * attempt;
  return {
    name: nameOf(stage, attempt),
    status: 'Completed',
    instanceType: INSTANCE[stage],
    failureReason: '',
    createdAtMs: startedAtMs - 100,
    startedAtMs,
    endedAtMs: startedAtMs + 500,
    billedSeconds: 0.5,
    ...change,
  };
};

const line = (stage: Stage, attempt = 1, change: Partial<LedgerLine> = {}): LedgerLine => ({
  stage,
  attempt,
  jobName: nameOf(stage, attempt),
  instanceType: INSTANCE[stage],
  status: 'Completed',
  failure: null,
  billedSeconds: 0.5,
  costUsd: (PRICE[stage] * 0.5) / 3600,
  options: {},
  ...change,
});

const start = (jobName: string): Stamp => ({ what: 'start', jobName, pid: 1, startTick: '1', child: null, atMs: 1 });

const RECORD: StoredRecord = {
  state: 'succeeded',
  endedAtMs: 50_000,
  request: { retryWindowSeconds: 0, maxHours: null },
  photos: {},
  attempts: STAGES.map((stage) => line(stage)),
  accepted: [{ stage: 'compression', jobName: nameOf('compression') }],
  failure: null,
  waiting: null,
  gates: [],
  parkedUntilMs: null,
  cancelled: null,
  result: { files: [{ name: 'scene.sog', bytes: 1 }] },
};

/** A job that went well, but for what is given. */
function evidence(change: Partial<Evidence> = {}, record: Partial<StoredRecord> = {}): Evidence {
  const run = { runId: 'r', startedAtMs: 1, mostTries: 1 };
  return {
    jobs: [{ jobId: JOB, mayFailWith: [], hasWebhook: false, deeds: [] }],
    records: new Map([[JOB, { ...RECORD, ...record }]]),
    scenes: new Map([[JOB, `scripted scene.sog of ${nameOf('compression')}`]]),
    runs: [
      { ...run, workflowId: `job-${JOB}`, status: 'Completed', states: ['running', 'succeeded'] },
      { ...run, workflowId: `mail-${JOB}-succeeded-1`, status: 'Completed', states: [] },
    ],
    machines: STAGES.map((stage) => machine(stage)),
    mails: [{ file: 'm.eml', messageId: `${JOB}-succeeded-1@example.com`, to: `pilot-${JOB}@example.com` }],
    webhooks: [],
    stamps: STAGES.map((stage) => start(nameOf(stage))),
    fired: [],
    leftovers: [],
    ...change,
  };
}

/** How often each count is raised. */
function counts(found: Evidence): Record<string, number> {
  const raised: Record<string, number> = {};
  for (const { count } of judge(found)) raised[count] = (raised[count] ?? 0) + 1;
  return raised;
}

const usual = evidence();
const jobRun = usual.runs[0]!;
const mailRun = usual.runs[1]!;
const mail = usual.mails[0]!;

test('a job that went well raises nothing', () => {
  expect(judge(evidence())).toEqual([]);
});

test('a job without a record, without a run, or with an open run is lost', () => {
  expect(counts(evidence({ records: new Map() }))).toMatchObject({ lost: 1 });
  expect(counts(evidence({ runs: [mailRun] }))).toMatchObject({ lost: 1 });
  expect(counts(evidence({ runs: [{ ...jobRun, status: 'Running' }, mailRun] }))).toMatchObject({ lost: 1 });
});

test('a failure without a cause is a lost job, one with a cause is not', () => {
  const failed = { state: 'failed', failure: { code: 'PLATFORM_ERROR', message: '' }, result: null };
  const change = {
    runs: [
      { ...jobRun, status: 'Failed', states: ['failed'] },
      { ...mailRun, workflowId: `mail-${JOB}-failed-1` },
    ],
    mails: [{ ...mail, messageId: `${JOB}-failed-1@example.com` }],
  };
  expect(counts(evidence(change, failed))).toEqual({ lost: 1 });
  expect(
    counts(
      evidence(
        { ...change, jobs: [{ jobId: JOB, mayFailWith: ['PLATFORM_ERROR'], hasWebhook: false, deeds: [] }] },
        failed,
      ),
    ),
  ).toEqual({});
});

test('a job that was parked although nothing could fail it is a disagreement', () => {
  const runs = [
    { ...jobRun, states: ['running', 'parked', 'running', 'succeeded'] },
    mailRun,
    { ...mailRun, workflowId: `mail-${JOB}-parked-1` },
  ];
  const mails = [mail, { ...mail, messageId: `${JOB}-parked-1@example.com` }];
  expect(counts(evidence({ runs, mails }))).toEqual({ disagreements: 1 });
  expect(
    counts(
      evidence({
        runs,
        mails,
        jobs: [{ jobId: JOB, mayFailWith: ['CONTAINER_FAILED'], hasWebhook: false, deeds: [] }],
      }),
    ),
  ).toEqual({});
});

test('a record that says something else than the workflow is a disagreement', () => {
  expect(counts(evidence({}, { state: 'cancelled', cancelled: { by: 'x', reason: 'y', atMs: 1 } }))).toMatchObject({
    disagreements: 1,
    lost: 1,
  });
});

test('a confirmed cancel that the job did not keep to is a disagreement', () => {
  const cancel: Deed = {
    jobId: JOB,
    what: 'cancel',
    way: 'api',
    atMs: 5,
    status: 202,
    state: 'cancelling',
    note: null,
  };
  expect(
    counts(evidence({ jobs: [{ jobId: JOB, mayFailWith: [], hasWebhook: false, deeds: [cancel] }] })).disagreements,
  ).toBeGreaterThan(0);
});

test.each<[string, Partial<LedgerLine>]>([
  ['status', { status: 'Stopped' }],
  ['seconds', { billedSeconds: 0.6 }],
  ['money', { costUsd: 0.01 }],
  ['instance type', { instanceType: 'ml.g5.xlarge' }],
])('a ledger line with another %s than SageMaker is a disagreement', (_, change) => {
  expect(counts(evidence({}, { attempts: [line('sfm'), line('training', 1, change), line('compression')] }))).toEqual({
    disagreements: 1,
  });
});

test('a SageMaker job that no ledger knows is paid twice', () => {
  expect(counts(evidence({ machines: [...usual.machines, machine('training', 2)] }))).toEqual({ doublePaid: 1 });
});

test('a program that started twice under one name is paid twice, unless its machine was taken away in between', () => {
  const stamps = [...usual.stamps, start(nameOf('training'))];
  expect(counts(evidence({ stamps }))).toEqual({ doublePaid: 1 });
  expect(counts(evidence({ stamps, fired: [{ kind: 'interrupted', jobName: nameOf('training') }] }))).toEqual({});
});

test('two good attempts of a stage are paid twice, unless a retry from there was asked for', () => {
  const record = { attempts: [...RECORD.attempts, line('training', 2)] };
  const machines = [...usual.machines, machine('training', 2)];
  expect(counts(evidence({ machines }, record))).toEqual({ doublePaid: 1 });
  const retry: Deed = {
    jobId: JOB,
    what: 'retry',
    way: 'api',
    atMs: 5,
    status: 202,
    state: 'queued',
    note: null,
    fromStage: 'sfm',
  };
  expect(
    counts(evidence({ machines, jobs: [{ jobId: JOB, mayFailWith: [], hasWebhook: false, deeds: [retry] }] }, record)),
  ).toEqual({});
});

test('a result that came with a cancel is not paid again after a retry', () => {
  const cancel: Deed = { jobId: JOB, what: 'cancel', way: 'signal', atMs: 5, status: null, state: null, note: null };
  const runs = [
    { ...jobRun, status: 'Canceled', states: ['cancelled'] },
    ...usual.runs,
    { ...mailRun, workflowId: `mail-${JOB}-cancelled-1` },
  ];
  const mails = [mail, { ...mail, messageId: `${JOB}-cancelled-1@example.com` }];
  const change = {
    runs,
    mails,
    machines: [...usual.machines, machine('sfm', 2)],
    jobs: [{ jobId: JOB, mayFailWith: [], hasWebhook: false, deeds: [cancel] }],
  };
  expect(counts(evidence(change, { attempts: [...RECORD.attempts, line('sfm', 2)] }))).toEqual({ doublePaid: 1 });
});

test('a run terminated after its last word agrees with its record, and lacks only a mail that was not yet on its way', () => {
  const cancel: Deed = {
    jobId: JOB,
    what: 'cancel',
    way: 'api',
    atMs: 5,
    status: 202,
    state: 'cancelling',
    note: null,
  };
  const change = {
    runs: [{ ...jobRun, status: 'Terminated', states: ['running', 'cancelled'] }],
    mails: [],
    jobs: [{ jobId: JOB, mayFailWith: [], hasWebhook: false, deeds: [cancel] }],
  };
  const record = { state: 'cancelled', cancelled: { by: 'chaos', reason: 'test', atMs: 5 }, result: null };
  expect(counts(evidence(change, record))).toEqual({});
  expect(counts(evidence(change, { ...record, state: 'failed', failure: { code: 'X', message: '' } }))).not.toEqual({});
  const onItsWay = [...change.runs, { ...mailRun, workflowId: `mail-${JOB}-cancelled-1` }];
  expect(counts(evidence({ ...change, runs: onItsWay }, record))).toEqual({ disagreements: 1 });
});

test('two machines of one job at the same time are paid twice', () => {
  const [sfm, training, compression] = usual.machines;
  expect(
    counts(evidence({ machines: [sfm!, { ...training!, startedAtMs: sfm!.endedAtMs! - 10 }, compression!] })),
  ).toEqual({ doublePaid: 1 });
});

test('a machine that still runs, and whatever else is left over, is left running', () => {
  const running = machine('training', 1, { status: 'InProgress' });
  expect(counts(evidence({ machines: [usual.machines[0]!, running, usual.machines[2]!] }))).toMatchObject({
    leftRunning: 1,
  });
  expect(counts(evidence({ leftovers: [{ jobId: null, what: 'a process' }] }))).toEqual({ leftRunning: 1 });
});

test('a mail that is missing, or that nobody expects, is a disagreement', () => {
  expect(counts(evidence({ mails: [] }))).toEqual({ disagreements: 1 });
  const extra = { ...mail, messageId: `${JOB}-parked-2@example.com` };
  expect(
    counts(
      evidence({ mails: [mail, extra], runs: [jobRun, mailRun, { ...mailRun, workflowId: `mail-${JOB}-parked-2` }] }),
    ),
  ).toEqual({ disagreements: 1 });
});

test('a second copy of a mail needs a second try of its delivery to explain it', () => {
  const mails = [mail, { ...mail, file: 'again.eml' }];
  expect(counts(evidence({ mails }))).toEqual({ disagreements: 1 });
  expect(counts(evidence({ mails, runs: [jobRun, { ...mailRun, mostTries: 2 }] }))).toEqual({});
});

describe('webhooks', () => {
  const call: WebhookCall = {
    jobId: JOB,
    eventId: `${JOB}-succeeded-1`,
    type: 'job.succeeded',
    isTaken: true,
    isGenuine: true,
    digest: 'a',
  };
  const told = (webhooks: WebhookCall[], mostTries = webhooks.length): Evidence =>
    evidence({
      webhooks,
      jobs: [{ jobId: JOB, mayFailWith: [], hasWebhook: true, deeds: [] }],
      runs: [jobRun, mailRun, { ...mailRun, workflowId: `webhook-${JOB}-succeeded-1`, mostTries }],
    });

  test('that tell what the mails tell raise nothing, also after tries that were refused', () => {
    expect(counts(told([call]))).toEqual({});
    expect(counts(told([{ ...call, isTaken: false }, call]))).toEqual({});
  });

  test.each<[string, WebhookCall[]]>([
    ['are missing', []],
    ['are never taken', [{ ...call, isTaken: false }]],
    ['are not genuine', [{ ...call, isGenuine: false }]],
    ['say something else than their event', [{ ...call, type: 'job.failed' }]],
    ['change their body', [call, { ...call, digest: 'b' }]],
  ])('that %s are a disagreement', (_, calls) => {
    expect(counts(told(calls))).toEqual({ disagreements: 1 });
  });

  test('that come again need a try of their delivery to explain it', () => {
    expect(counts(told([call, call], 1))).toEqual({ disagreements: 1 });
  });

  test('that nobody asked for are a disagreement', () => {
    const { webhooks, runs } = told([call]);
    expect(counts(evidence({ webhooks, runs }))).toEqual({ disagreements: 1 });
  });
});

test('a person who was told that the job is parked is not told again when the time for a retry is over', () => {
  const change = {
    jobs: [{ jobId: JOB, mayFailWith: ['INTERNAL_ERROR'], hasWebhook: false, deeds: [] }],
    runs: [
      { ...jobRun, status: 'Failed', states: ['running', 'parked', 'failed'] },
      { ...mailRun, workflowId: `mail-${JOB}-parked-1` },
    ],
    mails: [{ ...mail, messageId: `${JOB}-parked-1@example.com` }],
  };
  expect(
    counts(evidence(change, { state: 'failed', failure: { code: 'INTERNAL_ERROR', message: '' }, result: null })),
  ).toEqual({});
});

test('a published scene of another attempt than the accepted one is a disagreement', () => {
  expect(counts(evidence({ scenes: new Map([[JOB, `scripted scene.sog of ${nameOf('compression', 2)}`]]) }))).toEqual({
    disagreements: 1,
  });
});
