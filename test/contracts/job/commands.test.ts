import request from 'supertest';
import { COMMANDS, refusal } from '../../../contracts/job/commands';
import type { JobRecord } from '../../../contracts/job/record';
import { isFinal, JOB_STATES, WAITS_FOR } from '../../../contracts/job/state';
import { SIGNAL, type SignalName } from '../../../contracts/messages/signals';
import { Inbox } from '../../../workflows/job/inbox';
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
    new Inbox(Object.assign(Object.create(Job.prototype) as Job, { current: record }), () => undefined);
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

test.each(SITUATIONS.filter(({ state }) => isFinal(state)))(
  'once its run has closed, a job that is $state can be erased, and retried unless it succeeded',
  (record) => {
    expect(refusal('erase', record, {})).toBeNull();
    expect(refusal('retry', record, {})?.code).toBe(record.state === 'succeeded' ? 'JOB_ENDED' : undefined);
  },
);
