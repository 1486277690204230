import { WorkflowUpdateFailedError } from '@temporalio/client';
import { inState, runJob, workflowSuite } from '../helpers/workflows/run-job';
import type { FakeCloud } from '../helpers/workflows/fake-cloud';
import { waitFor } from '../helpers/wait-for';

const suite = workflowSuite();
const untilStopped = (cloud: FakeCloud): void => void (cloud.script.training = () => null);

test('a running job is renamed: record, mail and what follows have the new name, and the job goes on', async () => {
  await runJob(suite(), { prepare: untilStopped }, async ({ cloud, handle, end }) => {
    const jobName = await cloud.running('training');
    expect(await handle.executeUpdate('change', { args: [{ name: 'Quarry' }] })).toEqual({ state: 'running' });
    expect(cloud.record.request.name).toBe('Quarry');
    cloud.endings.set(jobName, { status: 'Completed', failure: null });
    expect(await end()).toMatchObject({ state: 'succeeded', request: { name: 'Quarry' } });
    await waitFor('the mail', () => cloud.mails.length === 1);
    expect(cloud.mails[0]?.record.request.name).toBe('Quarry');
  });
});

test('a change that means another version is refused, and so is nonsense; a signal of it leaves a notice', async () => {
  await runJob(suite(), { prepare: untilStopped }, async (run) => {
    const { cloud, handle, end } = run;
    await cloud.running('training');
    await handle.executeUpdate('change', { args: [{ name: 'Quarry', was: { name: null } }] });
    const late = handle.executeUpdate('change', { args: [{ name: 'Mine', was: { name: null } }] });
    await expect(late).rejects.toThrow(WorkflowUpdateFailedError);
    await expect(handle.executeUpdate('change', { args: [{ name: 7 }] })).rejects.toThrow(WorkflowUpdateFailedError);
    await handle.signal('change');
    await waitFor('the notice', () => cloud.record.notice?.includes('change was not followed'));
    expect(cloud.record.request.name).toBe('Quarry');
    await handle.signal('cancel');
    await end();
    expect(cloud.record).toMatchObject({ state: 'cancelled', request: { name: 'Quarry' } });
  });
});

test('a name that was given in the moment of the start is taken over with the first save', async () => {
  const prepare = (cloud: FakeCloud): void => void (cloud.storedSettings = { name: 'Given before' });
  await runJob(suite(), { prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ request: { name: 'Given before' } });
    expect(new Set(cloud.saved.map(({ request }) => request.name))).toEqual(new Set(['Given before']));
  });
});

test('a parked job is renamed, and its retry continues under the new name', async () => {
  const prepare = (cloud: FakeCloud): void => {
    cloud.script.training = (attempt) =>
      attempt === 1
        ? { status: 'Failed', failure: { code: 'NOTHING_LEARNED', message: 'x' } }
        : { status: 'Completed', failure: null };
  };
  await runJob(suite(), { retryWindowSeconds: 3600, prepare }, async (run) => {
    await inState(run, 'parked');
    expect(await run.handle.executeUpdate('change', { args: [{ name: 'Quarry' }] })).toEqual({ state: 'parked' });
    await run.handle.signal('retry');
    expect(await run.end()).toMatchObject({ state: 'succeeded', request: { name: 'Quarry' } });
  });
});
