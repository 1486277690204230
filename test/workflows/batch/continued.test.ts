import { machineJobName } from '../../../contracts/machines/names';
import { runBatch } from '../../helpers/workflows/run-batch';
import { workflowSuite } from '../../helpers/workflows/run-job';
import { waitFor } from '../../helpers/wait-for';

/** Temporal calls a history of so few events a long one. */
const suite = workflowSuite({ dynamicConfig: ['limit.historyCount.suggestContinueAsNew=40'] });

test('a batch with a long history goes on in another run, which starts nothing twice and follows signals', async () => {
  const prepare: Parameters<typeof runBatch>[1]['prepare'] = (cloud) => void (cloud.script.training = () => null);
  await runBatch(suite(), { jobs: 3, concurrency: 1, prepare }, async ({ cloud, jobIds, handle, ...run }) => {
    const training = (): string[] =>
      cloud.submitted.filter(({ stage }) => stage === 'training').map((job) => machineJobName(job));
    const { runId: firstRunId } = await handle.describe();
    for (const count of [1, 2]) {
      await waitFor(`${count} to train`, () => training().length === count);
      cloud.endings.set(training().at(-1) ?? '', { status: 'Completed', failure: null });
    }
    await waitFor('the last to train', () => training().length === 3);
    const open = suite().temporal.client.workflow.getHandle(handle.workflowId);
    expect((await open.describe()).runId).not.toBe(firstRunId);
    await open.signal('cancel', { reason: 'enough' });
    await run.standing('succeeded', 'succeeded', 'cancelled');
    await waitFor('the end', () => run.record().endedAtMs !== null);
    await waitFor('the mail', () => cloud.batchMails.length === 1);
    expect(cloud.submitted.filter(({ stage }) => stage === 'sfm').map(({ jobId }) => jobId)).toEqual(jobIds);
  });
});
