import assert from 'node:assert/strict';
import { WorkflowFailedError } from '@temporalio/client';
import { failure } from '../../contracts/job/failures';
import { machineJobName } from '../../contracts/machines/names';
import type { FakeCloud } from '../helpers/workflows/fake-cloud';
import type { BatchRunInTest, RunBatchOptions } from '../helpers/workflows/run-batch';
import { waitFor } from '../helpers/wait-for';

/** A batch whose history is kept in `histories/<name>.json`. */
export interface RecordedBatch {
  readonly name: string;
  readonly options: RunBatchOptions;
  /** Takes the batch to its end. */
  readonly act: (run: BatchRunInTest) => Promise<void>;
}

const hold = (cloud: FakeCloud): void => void (cloud.script.training = () => null);

/** Ends the training of the newest job that trains, which is job number `count`. */
async function endTraining({ cloud }: BatchRunInTest, count: number, succeeds: boolean): Promise<void> {
  const trainings = (): string[] =>
    cloud.submitted.filter(({ stage }) => stage === 'training').map((job) => machineJobName(job));
  const jobName = await waitFor(`training ${count}`, () => trainings()[count - 1]);
  cloud.endings.set(
    jobName,
    succeeds
      ? { status: 'Completed', failure: null }
      : { status: 'Failed', failure: failure('CONTAINER_FAILED', 'exit code: 1') },
  );
}

export const RECORDED_BATCHES: readonly RecordedBatch[] = [
  {
    name: 'batch-with-a-failure',
    options: { jobs: 3, concurrency: 1, prepare: hold },
    async act(run) {
      await endTraining(run, 1, true);
      await endTraining(run, 2, false);
      await endTraining(run, 3, true);
      await run.handle.result();
    },
  },
  {
    name: 'batch-cancelled',
    options: { jobs: 3, concurrency: 2, prepare: hold },
    async act(run) {
      await endTraining(run, 1, true);
      await endTraining(run, 3, true);
      await run.handle.signal('cancel', { reason: 'the wrong field' });
      await assert.rejects(run.handle.result(), WorkflowFailedError);
    },
  },
];
