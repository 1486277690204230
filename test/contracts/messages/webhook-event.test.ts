import { failure } from '../../../contracts/job/failures';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { webhookEvent } from '../../../contracts/messages/webhook-event';
import { testAttempt, testRequest } from '../../helpers/records';

const AT = Date.UTC(2026, 10, 21, 10);
const record: JobRecord = {
  ...newJobRecord('job123456', testRequest({ webhookUrl: 'https://hooks.example.com/x' }), AT),
  step: 'training',
  attempts: [testAttempt({ stage: 'sfm', costUsd: 0.01 }), testAttempt({ attempt: 2, costUsd: 1.2 })],
};
const body = (changes: Partial<JobRecord>, type: Parameters<typeof webhookEvent>[2]): string =>
  JSON.stringify(webhookEvent({ ...record, ...changes }, 'job123456-x-1', type, 'https://s.example'));

test.each([
  [
    'job.parked',
    {
      state: 'parked',
      failure: failure('OUT_OF_MEMORY', 'the machine was full'),
      parkedUntilMs: AT + 60_000,
    },
    '{"id":"job123456-x-1","type":"job.parked","createdAt":"2026-11-21T10:00:00.000Z","job":{"jobId":"job123456",' +
      '"state":"parked","step":"training","costUsd":1.21,"failure":FAILURE,' +
      '"parkedUntil":"2026-11-21T10:01:00.000Z","waiting":null,"result":null,' +
      '"pageUrl":"https://s.example/jobs/job123456","statusUrl":"https://s.example/v1/jobs/job123456"}}',
  ],
  [
    'job.undecided',
    {
      state: 'waiting',
      waiting: { for: 'decision', message: 'only 8 of 18 photos fit together', sinceMs: AT, untilMs: null },
    },
    '{"id":"job123456-x-1","type":"job.undecided","createdAt":"2026-11-21T10:00:00.000Z","job":{"jobId":"job123456",' +
      '"state":"waiting","step":"training","costUsd":1.21,"failure":null,"parkedUntil":null,' +
      '"waiting":{"for":"decision","message":"only 8 of 18 photos fit together",' +
      '"since":"2026-11-21T10:00:00.000Z","until":null},"result":null,' +
      '"pageUrl":"https://s.example/jobs/job123456","statusUrl":"https://s.example/v1/jobs/job123456"}}',
  ],
  [
    'job.succeeded',
    { state: 'succeeded', step: 'publish', result: { files: [{ name: 'scene.sog', bytes: 7 }] } },
    '{"id":"job123456-x-1","type":"job.succeeded","createdAt":"2026-11-21T10:00:00.000Z","job":{"jobId":"job123456",' +
      '"state":"succeeded","step":"publish","costUsd":1.21,"failure":null,"parkedUntil":null,"waiting":null,' +
      '"result":{"pageUrl":"https://s.example/jobs/job123456",' +
      '"sogUrl":"https://s.example/v1/jobs/job123456/artifacts/scene.sog","plyUrl":null,' +
      '"files":[{"name":"scene.sog","bytes":7,' +
      '"url":"https://s.example/v1/jobs/job123456/artifacts/scene.sog"}]},' +
      '"pageUrl":"https://s.example/jobs/job123456","statusUrl":"https://s.example/v1/jobs/job123456"}}',
  ],
] as const)('a receiver of %s gets these bytes', (type, changes, expected) => {
  const why = 'failure' in changes ? JSON.stringify(changes.failure) : '';
  expect(body(changes, type)).toBe(expected.replace('FAILURE', why));
});
