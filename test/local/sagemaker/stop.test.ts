import { readFile } from 'node:fs/promises';
import { StopProcessingJobCommand, StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { BUCKET, input, LocalSageMaker, output } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

const STARTED = 'output/started';
/** Announces itself once every process below it is there. */
const FAMILY = `
  (cd $SAGEMAKER_BASE_DIR/output; sh -c 'trap "" TERM; sleep 1000 & echo $! > grandchild.tmp; mv grandchild.tmp grandchild; wait' & echo $! > child)
  while [ ! -s $SAGEMAKER_BASE_DIR/output/grandchild ]; do sleep 0.02; done
  echo $$ > $SAGEMAKER_BASE_DIR/${STARTED}`;

describe('a job cut short', () => {
  let local: LocalSageMaker;

  beforeAll(async () => {
    local = await LocalSageMaker.start(
      {
        obedient: {
          sh: `cd $SAGEMAKER_BASE_DIR; trap 'echo saved > model/model.ply; exit 143' TERM; mkdir -p model; echo part > processing/output/part 2> /dev/null; echo $$ > ${STARTED}; while :; do sleep 0.05; done`,
        },
        'exits-zero': {
          sh: `cd $SAGEMAKER_BASE_DIR; trap 'exit 0' TERM; echo part > processing/output/part; echo $$ > ${STARTED}; while :; do sleep 0.05; done`,
        },
        stubborn: { sh: `cd $SAGEMAKER_BASE_DIR; trap '' TERM; echo $$ > ${STARTED}; while :; do sleep 0.05; done` },
        family: { sh: `${FAMILY}; while :; do sleep 0.05; done` },
        'leaves-family': { sh: FAMILY },
      },
      { stopGraceSeconds: 1, keepTrees: true },
    );
    await local.put({ 'scan/a.txt': 'A' });
  });

  afterEach(() => {
    local.s3Faults.before = undefined;
  });
  afterAll(() => local.close());

  const stopProcessing = (name: string) =>
    local.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: name }));
  const stopTraining = (name: string) => local.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: name }));

  test('by Stop is Stopping at once, then Stopped, although its program exits with 143', async () => {
    await local.createProcessingJob('stop', 'obedient', { ProcessingOutputConfig: output(`s3://${BUCKET}/out/stop`) });
    await local.fileInTree('processing', 'stop', STARTED);

    await stopProcessing('stop');

    expect(['Stopping', 'Stopped']).toContain((await local.describeProcessingJob('stop')).ProcessingJobStatus);
    const job = await local.processingJobEnd('stop');
    expect(job.ProcessingJobStatus).toBe('Stopped');
    expect(job.FailureReason).toBeUndefined();
    const state = JSON.parse(await readFile(`${local.jobFolder('processing', 'stop')}/state.json`, 'utf8')) as {
      exitCode: number;
    };
    expect(state.exitCode).toBe(143);
  });

  test('by Stop is Stopped, not Completed, although its program exits with 0, and uploads no EndOfJob output', async () => {
    await local.createProcessingJob('exits-zero', 'exits-zero', {
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/exits-zero`),
    });
    await local.fileInTree('processing', 'exits-zero', STARTED);
    await stopProcessing('exits-zero');
    expect((await local.processingJobEnd('exits-zero')).ProcessingJobStatus).toBe('Stopped');
    expect(await local.keys('out/exits-zero')).toEqual([]);
  });

  test('by Stop still has the model of a training job uploaded', async () => {
    await local.createTrainingJob('stop-training', 'obedient');
    await local.fileInTree('training', 'stop-training', STARTED);
    await stopTraining('stop-training');
    const job = await local.trainingJobEnd('stop-training');
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
    expect(job.SecondaryStatusTransitions!.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Stopping',
      'Stopped',
    ]);
    expect(await local.keys('models/stop-training/')).toEqual(['models/stop-training/output/model.tar.gz']);
  });

  test('by Stop is killed when its program has not ended by the end of the grace time', async () => {
    await local.createProcessingJob('stubborn', 'stubborn');
    await local.fileInTree('processing', 'stubborn', STARTED);
    await stopProcessing('stubborn');
    expect((await local.processingJobEnd('stubborn')).ProcessingJobStatus).toBe('Stopped');
    const state = JSON.parse(await readFile(`${local.jobFolder('processing', 'stubborn')}/state.json`, 'utf8')) as {
      exitCode: number;
    };
    expect(state.exitCode).toBe(137);
  });

  test('by Stop leaves no process of its group, not even a grandchild that ignores SIGTERM', async () => {
    await local.createTrainingJob('family', 'family');
    await local.fileInTree('training', 'family', STARTED);
    const pids = await Promise.all(
      ['started', 'child', 'grandchild'].map(async (file) =>
        Number(await local.fileInTree('training', 'family', `output/${file}`)),
      ),
    );
    expect(await living(pids)).toEqual(pids);

    await stopTraining('family');

    expect((await local.trainingJobEnd('family')).TrainingJobStatus).toBe('Stopped');
    expect(await living(pids)).toEqual([]);
  });

  test('by its own end leaves no process that it had started', async () => {
    await local.createProcessingJob('leaves-family', 'leaves-family');
    expect((await local.processingJobEnd('leaves-family')).ProcessingJobStatus).toBe('Completed');
    const grandchild = Number(await local.fileInTree('processing', 'leaves-family', 'output/grandchild'));
    expect(await living([grandchild])).toEqual([]);
  });

  test('by Stop during its download is Stopped at once, and its program never runs', async () => {
    const hold = Promise.withResolvers<undefined>();
    const downloading = Promise.withResolvers<undefined>();
    local.s3Faults.before = async (operation) => {
      if (operation !== 'GetObject') return;
      downloading.resolve(undefined);
      await hold.promise;
    };
    await local.createTrainingJob('stop-download', 'obedient', {
      InputDataConfig: [
        {
          ChannelName: 'scan',
          DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/scan/` } },
        },
      ],
    });
    await downloading.promise;
    expect((await local.describeTrainingJob('stop-download')).SecondaryStatus).toBe('Downloading');

    await stopTraining('stop-download');

    const job = await local.trainingJobEnd('stop-download');
    hold.resolve(undefined);
    expect(job.TrainingJobStatus).toBe('Stopped');
    expect(job.SecondaryStatusTransitions!.map(({ Status }) => Status)).toEqual(['Starting', 'Downloading', 'Stopped']);
    expect(await local.keys('models/stop-download/')).toEqual([]);
  });

  test('by Stop right after Create is Stopped, whatever its supervisor was doing', async () => {
    await local.createProcessingJob('stop-at-once', 'obedient', {
      ProcessingInputs: [input('scan', `s3://${BUCKET}/scan/`)],
    });
    await stopProcessing('stop-at-once');
    await stopProcessing('stop-at-once').catch((error: unknown) =>
      expect((error as Error).message).toContain('in status Stopped'),
    );
    expect((await local.processingJobEnd('stop-at-once')).ProcessingJobStatus).toBe('Stopped');
  });

  test('at its end is refused a Stop with the status it has', async () => {
    await local.createTrainingJob('ended-training', 'leaves-family');
    await local.createProcessingJob('ended-processing', 'leaves-family');
    await Promise.all([local.trainingJobEnd('ended-training'), local.processingJobEnd('ended-processing')]);
    await expect(stopTraining('ended-training')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The request was rejected because the training job is in status Completed.',
    });
    await expect(stopProcessing('ended-processing')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The request was rejected because the processing job is in status Completed.',
    });
  });

  test('by MaxRuntime is Stopped with MaxRuntimeExceeded in training, and its model is kept', async () => {
    await local.createTrainingJob('max-training', 'obedient', { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    const job = await local.trainingJobEnd('max-training');
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
    expect(job.FailureReason).toBeUndefined();
    expect(await local.keys('models/max-training/')).toHaveLength(1);
  });

  test('by MaxRuntime is Stopped in processing too', async () => {
    await local.createProcessingJob('max-processing', 'obedient', { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    expect((await local.processingJobEnd('max-processing')).ProcessingJobStatus).toBe('Stopped');
  });

  test('has no process left of all the jobs above', async () => {
    await waitFor('supervisors to end', async () => (await local.processes()).length === 1);
    expect(await local.processes()).toEqual([local.process.pid]);
  });
});

/** Those of the pids that a process has which is not just waiting to be reaped. */
async function living(pids: readonly number[]): Promise<number[]> {
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => states[index] !== '' && !/\) [ZX] /.test(states[index]!));
}
