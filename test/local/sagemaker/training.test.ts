import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { BUCKET, LocalSageMaker, trainingRequest } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

describe('a training job', () => {
  let local: LocalSageMaker;

  beforeAll(async () => {
    local = await LocalSageMaker.start(
      {
        train: {
          sh: 'cd $SAGEMAKER_BASE_DIR; mkdir model/previews; cat input/data/sfm/points > model/model.ply; echo jpg > model/previews/a.jpg; ln -s model.ply model/link',
        },
        describe: {
          sh: 'cd $SAGEMAKER_BASE_DIR; cp input/config/*.json output/data; env > output/data/env; echo "$@" > output/data/arguments',
        },
        fail: { sh: 'printf "NOT_TRAINED: no better than before" > $SAGEMAKER_BASE_DIR/output/failure; exit 3' },
        'fail-at-length': {
          node: "require('fs').writeFileSync(process.env.SAGEMAKER_BASE_DIR + '/output/failure', 'x'.repeat(5000)); process.exit(1)",
        },
        'fail-silently': { sh: 'exec /no/such/program' },
        checkpoint: {
          sh: 'cd $SAGEMAKER_BASE_DIR/checkpoints; cp 00100.ckpt ../model/; rm 00100.ckpt; echo new > 00200.ckpt; while [ ! -e ../go ]; do sleep 0.05; done; echo last > 00300.ckpt; exit 1',
        },
      },
      { keepTrees: true },
    );
    await local.put({ 'sfm/points': 'POINTS' });
  });

  afterAll(() => local.close());

  const sfmChannel = {
    ChannelName: 'sfm',
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri: `s3://${BUCKET}/sfm/` } },
  };

  test('leaves model.tar.gz, walks through the secondary statuses and is billed from download to upload', async () => {
    await local.createTrainingJob('model', 'train', { InputDataConfig: [sfmChannel] });

    const job = await local.trainingJobEnd('model');

    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.SecondaryStatus).toBe('Completed');
    expect(job.SecondaryStatusTransitions!.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    for (const { StartTime, EndTime } of job.SecondaryStatusTransitions!)
      expect(EndTime!.getTime()).toBeGreaterThanOrEqual(StartTime!.getTime());
    expect(job.BillableTimeInSeconds).toBe(
      Math.ceil((job.TrainingEndTime!.getTime() - job.TrainingStartTime!.getTime()) / 1000),
    );
    expect(job.TrainingTimeInSeconds).toBe(job.BillableTimeInSeconds);
    expect(job.ModelArtifacts!.S3ModelArtifacts).toBe(`s3://${BUCKET}/models/model/output/model.tar.gz`);
    expect(await local.keys('models/model/')).toEqual(['models/model/output/model.tar.gz']);
    expect(await untar(await local.get('models/model/output/model.tar.gz'))).toEqual({
      'model.ply': 'POINTS',
      'previews/a.jpg': 'jpg\n',
    });
  });

  test('with CompressionType NONE leaves its model as plain objects', async () => {
    await local.createTrainingJob('plain', 'train', {
      InputDataConfig: [sfmChannel],
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/models/`, CompressionType: 'NONE' },
    });
    const job = await local.trainingJobEnd('plain');
    expect(job.ModelArtifacts!.S3ModelArtifacts).toBe(`s3://${BUCKET}/models/plain/output/model/`);
    expect(await local.keys('models/plain/')).toEqual([
      'models/plain/output/model/model.ply',
      'models/plain/output/model/previews/a.jpg',
    ]);
  });

  test('finds hyperparameters, channels, resources and its own name where SageMaker puts them', async () => {
    await local.createTrainingJob('describe', 'describe', {
      InputDataConfig: [sfmChannel],
      HyperParameters: { iterations: '700' },
      Environment: { SEED: '7' },
    });
    await local.trainingJobEnd('describe');

    const files = await untar(await local.get('models/describe/output/output.tar.gz'));
    expect(JSON.parse(files['hyperparameters.json']!)).toEqual({ iterations: '700' });
    expect(JSON.parse(files['inputdataconfig.json']!)).toEqual({
      sfm: { TrainingInputMode: 'File', S3DistributionType: 'FullyReplicated', RecordWrapperType: 'None' },
    });
    expect(JSON.parse(files['resourceconfig.json']!)).toMatchObject({
      current_host: 'algo-1',
      hosts: ['algo-1'],
      current_instance_type: 'ml.g4dn.xlarge',
    });
    expect(files.env).toContain('TRAINING_JOB_NAME=describe\n');
    expect(files.env).toContain('TRAINING_JOB_ARN=arn:aws:sagemaker:us-east-1:123456789012:training-job/describe\n');
    expect(files.env).toContain('SEED=7\n');
    expect(files.arguments).toBe('train\n');
  });

  test("runs the entry point and arguments that the request names in place of the image's own", async () => {
    await local.createTrainingJob('entry-point', 'describe', {
      AlgorithmSpecification: {
        TrainingImage: 'describe',
        TrainingInputMode: 'File',
        ContainerEntrypoint: ['/bin/sh', '-c'],
        ContainerArguments: ['echo mine > $SAGEMAKER_BASE_DIR/model/word'],
      },
    });
    await local.trainingJobEnd('entry-point');
    expect(await untar(await local.get('models/entry-point/output/model.tar.gz'))).toEqual({ word: 'mine\n' });
  });

  test('fails with the text of its failure file and its exit code', async () => {
    await local.createTrainingJob('fail', 'fail');
    const job = await local.trainingJobEnd('fail');
    expect(job).toMatchObject({
      TrainingJobStatus: 'Failed',
      SecondaryStatus: 'Failed',
      FailureReason: 'AlgorithmError: NOT_TRAINED: no better than before, exit code: 3',
    });
    expect(await local.keys('models/fail/')).toEqual([]);
  });

  test('cuts a long failure text so that the exit code still shows within 1024 characters', async () => {
    await local.createTrainingJob('fail-at-length', 'fail-at-length');
    const { FailureReason } = await local.trainingJobEnd('fail-at-length');
    expect(FailureReason).toHaveLength(1024);
    expect(FailureReason).toMatch(/^AlgorithmError: x+, exit code: 1$/);
  });

  test('fails with exit code 127 when its program does not exist', async () => {
    await local.createTrainingJob('fail-silently', 'fail-silently');
    expect((await local.trainingJobEnd('fail-silently')).FailureReason).toBe('AlgorithmError: , exit code: 127');
  });

  test('has its checkpoints restored, and kept in step with S3 to its very end, deletions included', async () => {
    await local.put({ 'checkpoints/run/00100.ckpt': 'old', 'checkpoints/run-2/other': 'of another run' });
    await local.createTrainingJob('checkpoint', 'checkpoint', {
      CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/run` },
    });

    expect(await local.fileInTree('training', 'checkpoint', 'model/00100.ckpt')).toBe('old');
    await waitFor(
      'the sync of the new checkpoint',
      async () => (await local.keys('checkpoints/run/')).join() === 'checkpoints/run/00200.ckpt',
    );
    await writeFile(`${local.jobFolder('training', 'checkpoint')}/tree/go`, '');

    expect((await local.trainingJobEnd('checkpoint')).TrainingJobStatus).toBe('Failed');
    expect(await local.keys('checkpoints/')).toEqual([
      'checkpoints/run-2/other',
      'checkpoints/run/00200.ckpt',
      'checkpoints/run/00300.ckpt',
    ]);
  });

  test('echoes its request when it is described', async () => {
    const request = trainingRequest('echo', 'fail', { HyperParameters: { a: '1' }, Tags: [{ Key: 'k', Value: 'v' }] });
    await local.createTrainingJob('echo', 'fail', request);
    const { Tags: _, ...echo } = request;
    expect(await local.trainingJobEnd('echo')).toMatchObject(echo);
  });
});

async function untar(archive: Buffer): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const unpack = extract();
  unpack.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Buffer));
    stream.on('end', () => {
      files[header.name] = Buffer.concat(chunks).toString();
      next();
    });
  });
  await pipeline(Readable.from([gunzipSync(archive)]), unpack);
  return files;
}
