import { ScheduleOverlapPolicy } from '@temporalio/client';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { createArtifactActivities } from '../../activities/results/artifacts';
import { createScheduledJobActivities } from '../../activities/schedules/scheduled-jobs';
import { jobScheduleId, taskQueue } from '../../contracts/job/temporal-names';
import { uncalibrated } from '../../contracts/estimates/estimate';
import { workflowId } from '../../contracts/machines/names';
import type { ScheduleDefinition, ScheduledOutcome } from '../../contracts/schedules/definition';
import { jobIdOfSchedule } from '../../platform/job-id';
import { createTemporalSchedules } from '../../server/schedules/temporal-schedules';
import { WrongTimesError } from '../../server/schedules/job-schedules';
import { BUCKET } from '../helpers/local-sagemaker';
import { testRequest } from '../helpers/records';
import { testBundle } from '../helpers/workflows/bundle';
import { LeftJobs } from '../helpers/workflows/left-jobs';
import { TEST_POLICY } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

let left: LeftJobs;
let bundle: WorkflowBundle;

beforeAll(async () => {
  [left, bundle] = await Promise.all([LeftJobs.start(), testBundle()]);
});
afterAll(() => left?.stop());

const definition = (changes: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  name: null,
  cron: '0 6 1 1 *',
  timeZone: 'Europe/Berlin',
  everySeconds: null,
  overlap: 'skip',
  onlyWhenChanged: false,
  request: testRequest({ tenant: 'acme', location: { bucket: BUCKET, key: 'quarry/' }, priority: 2 }),
  ...changes,
});

/** A schedule with the workers of `control`, so that its jobs begin, and work until somebody ends them. */
async function withSchedule(
  scheduleId: string,
  changes: Partial<ScheduleDefinition>,
  check: (schedule: {
    schedules: ReturnType<typeof createTemporalSchedules>;
    /** Lets a time come now; resolves with how it went. */
    come: () => Promise<ScheduledOutcome>;
  }) => Promise<void>,
): Promise<void> {
  const deployment = `d${scheduleId}`;
  const { client, nativeConnection } = left.temporal;
  const { s3, records, note } = left.deps;
  const config = { deployment, policy: TEST_POLICY, publicUrl: 'http://localhost' };
  const schedules = createTemporalSchedules(client, config);
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: taskQueue(deployment, 'control'),
    workflowBundle: bundle,
    activities: {
      ...createScheduledJobActivities({ s3, records, client, note, config }),
      ...createArtifactActivities({ s3, bucket: BUCKET, records }),
    },
  });
  const handle = client.schedule.getHandle(jobScheduleId(deployment, scheduleId));
  const come = async (): Promise<ScheduledOutcome> => {
    const before = (await handle.describe()).info.numActionsTaken;
    await handle.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    const taken = await waitFor('the time to come', async () => {
      const { info } = await handle.describe();
      return info.numActionsTaken > before && info.recentActions.at(-1);
    });
    const { workflowId: id, firstExecutionRunId } = taken.action.workflow;
    return (await client.workflow.getHandle(id, firstExecutionRunId).result()) as ScheduledOutcome;
  };
  await worker.runUntil(async () => {
    await schedules.create(scheduleId, 'acme', definition(changes));
    try {
      await check({ schedules, come });
    } finally {
      await schedules.remove(scheduleId);
    }
  });
}

const end = async (jobId: string | null): Promise<void> => {
  await left.temporal.client.workflow.getHandle(workflowId(jobId!)).terminate('the test ends it');
};
/** Times of a schedule are whole seconds, and each names its job. */
const nextSecond = (outcome: ScheduledOutcome): Promise<boolean> =>
  waitFor('the next second', async () => {
    const { record } = (await left.deps.records.read(outcome.jobId!))!;
    return Date.now() - record.createdAtMs > 1000;
  });

test('a time starts an ordinary job under an id of its own; the next is passed over while that works', async () => {
  const calibration = uncalibrated(2);
  const setBy = { kind: 'session', keyId: 'key1' } as const;
  await withSchedule('aaaaaaaaaaaa', { calibration, setBy }, async ({ schedules, come }) => {
    const first = await come();
    expect(first).toMatchObject({ did: 'started', photosDigest: null });
    const record = await waitFor('the job to begin', async () => {
      const read = await left.read(first.jobId!);
      return read.state === 'running' && read;
    });
    expect(record).toMatchObject({
      calibration,
      request: { tenant: 'acme', priority: 2, location: { key: 'quarry/' } },
    });
    expect(left.deeds.entries.get(first.jobId!)).toMatchObject([
      { operation: 'createJob', by: { kind: 'schedule', of: 'aaaaaaaaaaaa', keyId: 'key1' } },
    ]);
    const known = (await schedules.find('aaaaaaaaaaaa'))!;
    expect(jobIdOfSchedule('aaaaaaaaaaaa', known.recentMs.at(-1)!)).toBe(first.jobId);
    await nextSecond(first);
    expect(await come()).toEqual({ ...first, did: 'skipped: the job before has not ended' });
    await end(first.jobId);
    const second = await come();
    expect(second.did).toBe('started');
    expect(second.jobId).not.toBe(first.jobId);
    await end(second.jobId);
  });
});

test('photos that have not changed are not worked on again, and jobs may overlap where that is allowed', async () => {
  await left.cloud.put({ 'flight/a.jpg': 'one' });
  const request = testRequest({ tenant: 'acme', location: { bucket: BUCKET, key: 'flight/' } });
  await withSchedule('bbbbbbbbbbbb', { request, onlyWhenChanged: true, overlap: 'allow' }, async ({ come }) => {
    const first = await come();
    await nextSecond(first);
    expect(await come()).toEqual({ ...first, did: 'skipped: the photos are the same' });
    await left.cloud.put({ 'flight/b.jpg': 'two' });
    const second = await come();
    expect(second.did).toBe('started');
    expect(second.photosDigest).not.toBe(first.photosDigest);
    for (const { jobId } of [first, second]) await end(jobId);
  });
});

test('Temporal keeps what a schedule is: found by its tenant, changed, paused, gone', async () => {
  await withSchedule('cccccccccccc', {}, async ({ schedules }) => {
    const known = (await schedules.find('cccccccccccc'))!;
    expect(known).toMatchObject({ tenant: 'acme', definition: definition(), isPaused: false });
    // 6 o'clock in Berlin, in winter.
    expect(new Date(known.nextMs[0]!).toISOString()).toMatch(/-01-01T05:00:00.000Z$/);
    await waitFor('the list to have it', async () => (await schedules.idsOf('acme')).includes('cccccccccccc'));
    expect(await schedules.idsOf('other')).toEqual([]);
    await schedules.pause('cccccccccccc', 'winter');
    await waitFor('the pause', async () => (await schedules.find('cccccccccccc'))?.isPaused);
    const next = definition({ cron: null, everySeconds: 3600 });
    await schedules.update(known, next);
    await waitFor('the change', async () => (await schedules.find('cccccccccccc'))?.definition.everySeconds === 3600);
    expect((await schedules.find('cccccccccccc'))?.isPaused).toBe(true);
    const impossible = definition({ cron: '99 6 * * 1' });
    await expect(schedules.create('dddddddddddd', 'acme', impossible)).rejects.toThrow(WrongTimesError);
    await expect(schedules.update(known, impossible)).rejects.toThrow(WrongTimesError);
    expect(await schedules.find('dddddddddddd')).toBeNull();
  });
});
