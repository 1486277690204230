import request from 'supertest';
import { afterRetry, COMMANDS, refusal } from '../../../contracts/job/commands';
import { tookSeconds, type AcceptedAttempt, type JobRecord } from '../../../contracts/job/record';
import { isFinal, JOB_STATES, WAITS_FOR } from '../../../contracts/job/state';
import { STAGES } from '../../../contracts/stages/stage';
import { SIGNAL, type SignalName } from '../../../contracts/messages/signals';
import { Inbox } from '../../../workflows/job/inbox';
import { CurrentVersion } from '../../../workflows/current-version';
import { Job } from '../../../workflows/job/job';
import { jobRecord, NOW_MS, openRun, testApp } from '../../server/helpers';

type Validator = (payload?: unknown) => void;
const mockValidators = new Map<string, Validator>();

// The handlers are asked directly: a workflow cannot be brought into each of these situations.
jest.mock('@temporalio/workflow', () => ({
  ...jest.requireActual<object>('@temporalio/workflow'),
  setHandler: (
    { type, name }: { type: string; name: string },
    _handler: unknown,
    options?: { validator: Validator },
  ) => {
    if (type === 'update' && options !== undefined) mockValidators.set(name, options.validator);
  },
}));

/** Every situation that a command can come in. */
const SITUATIONS: readonly JobRecord[] = JOB_STATES.flatMap((state) =>
  (state === 'waiting' ? WAITS_FOR : [null]).flatMap((waitsFor) =>
    [true, false].map((pauseRequested) =>
      jobRecord({
        state,
        pauseRequested,
        waiting: waitsFor === null ? null : { for: waitsFor, message: 'it waits', sinceMs: NOW_MS, untilMs: null },
        updatedAtMs: NOW_MS,
      }),
    ),
  ),
);

const PAYLOADS: Readonly<Record<SignalName, readonly object[]>> = {
  cancel: [{}],
  accept: [{}],
  pause: [{}],
  resume: [{}],
  retry: [{}, { fromStage: 'training' }, { options: { shBands: 1 } }, { options: { shBands: 9 } }],
  change: [{ name: 'Quarry' }, { name: '' }, {}],
};

describe.each(Object.keys(SIGNAL) as SignalName[])('%s', (command) => {
  test.each(
    SITUATIONS.map((record) => [record.state, record.waiting?.for ?? '', record.pauseRequested, record] as const),
  )('of a job that is %s %s (pause asked for: %s): workflow and API say the same', async (...[, , , record]) => {
    mockValidators.clear();
    const ofRecord = Object.assign(Object.create(Job.prototype) as Job, { current: record });
    new Inbox(ofRecord, () => undefined, new CurrentVersion());
    for (const payload of PAYLOADS[command]) {
      const refused = refusal(command, record, payload, true);
      const { app, job, runs } = testApp();
      job(record, openRun({ state: record.state }));
      const address = '/v1/jobs/job123456';
      const sending = command === 'change' ? request(app).patch(address) : request(app).post(`${address}/${command}`);
      const { status, body } = await sending.send(payload);
      expect(runs.messages).toHaveLength(refused === null ? 1 : 0);
      if (refused === null) expect(body).toMatchObject({ state: COMMANDS[command].next(record) });
      else expect(body).toMatchObject({ code: refused.code });
      expect(status).toBe(
        refused === null ? (command === 'change' ? 200 : 202) : refused.code === 'INVALID_REQUEST' ? 400 : 409,
      );
      const validate = (): void => mockValidators.get(command)?.(payload);
      if (refused === null) expect(validate).not.toThrow();
      else expect(validate).toThrow(refused.errors?.[0]?.message ?? refused.message);
    }
  });
});

test('a job that has succeeded makes other files of its model while that is there, and nothing else', () => {
  const done = {
    ...jobRecord({ state: 'succeeded' }),
    endedAtMs: NOW_MS + 600_000,
    accepted: STAGES.map(
      (stage) => ({ stage, part: null, attempt: 1, jobName: stage, metrics: {} }) as AcceptedAttempt,
    ),
    result: { files: [{ name: 'scene.sog', bytes: 9 }] },
  };
  const retry = { fromStage: 'compression', options: { orthophoto: 1 } } as const;
  expect(refusal('retry', done, retry)).toBeNull();
  expect(refusal('retry', done, { ...retry, fromStage: 'training' })?.code).toBe('JOB_ENDED');
  expect(refusal('retry', { ...done, expiredAtMs: { intermediates: 1, results: null } }, retry)?.message).toContain(
    'its model is deleted',
  );
  const next = afterRetry(done, retry, done.endedAtMs + 86_400_000);
  expect(next.accepted.map(({ stage }) => stage)).toEqual(['sfm', 'training']);
  expect(next.request.options).toEqual({ ...done.request.options, orthophoto: 1 });
  expect(next.result).toEqual(done.result);
  // The day in between is no time that it took.
  expect(tookSeconds(next, done.endedAtMs + 86_400_000 + 30_000)).toBe(tookSeconds(done, done.endedAtMs) + 30);
  const lost = afterRetry({ ...done, state: 'failed' }, { fromStage: 'training', options: {} }, done.endedAtMs);
  expect(lost.result).toBeNull();
});

test.each(SITUATIONS.filter(({ state }) => isFinal(state)))(
  'once its run has closed, a job that is $state can be erased, and retried unless it succeeded',
  (record) => {
    expect(refusal('erase', record, {})).toBeNull();
    expect(refusal('retry', record, {})?.code).toBe(record.state === 'succeeded' ? 'JOB_ENDED' : undefined);
  },
);
