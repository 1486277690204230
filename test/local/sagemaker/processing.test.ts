import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { S3Error } from '../../../local/s3/s3-error';
import { BUCKET, input, LocalSageMaker, output } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

describe('a processing job', () => {
  let local: LocalSageMaker;

  beforeAll(async () => {
    local = await LocalSageMaker.start(
      {
        copy: { sh: 'cd $SAGEMAKER_BASE_DIR/processing; cp -R input/photos/. output/' },
        'write-links': {
          sh: 'cd $SAGEMAKER_BASE_DIR/processing/output; echo real > file; ln -s file link; ln -s /etc linked-folder; mkfifo pipe; mkdir empty',
        },
        environment: {
          sh: 'cd $SAGEMAKER_BASE_DIR; env > processing/output/env; cp config/*.json processing/output; echo "$@" > processing/output/arguments',
        },
        verdict: { sh: 'printf "TOO_FEW_POINTS: 12 points" > $SAGEMAKER_BASE_DIR/output/message; exit 3' },
        'not-utf8': { sh: "printf '\\377\\376' > $SAGEMAKER_BASE_DIR/output/message" },
        crash: { sh: 'echo lost > $SAGEMAKER_BASE_DIR/processing/output/partial; kill -KILL $$' },
        continuous: {
          sh: 'cd $SAGEMAKER_BASE_DIR/processing; echo 1 > output/first; while [ ! -e output/../go ]; do sleep 0.05; done; echo 2 > output/second; exit 1',
        },
      },
      { keepTrees: true },
    );
    await local.put({ 'scan/a.txt': 'A', 'scan/deep/b.txt': 'B', 'scan2/x.txt': 'X', 'empty-mark/': '' });
  });

  afterAll(() => local.close());

  test('sees its inputs as files and has its outputs uploaded', async () => {
    await local.createProcessingJob('copy', 'copy', {
      ProcessingInputs: [input('photos', `s3://${BUCKET}/scan/`)],
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/copy`),
    });

    const job = await local.processingJobEnd('copy');

    expect(job.ProcessingJobStatus).toBe('Completed');
    expect(job.FailureReason).toBeUndefined();
    expect(job.ProcessingStartTime!.getTime()).toBeGreaterThanOrEqual(job.CreationTime!.getTime());
    expect(job.ProcessingEndTime!.getTime()).toBeGreaterThan(job.ProcessingStartTime!.getTime());
    expect(await local.keys('out/copy/')).toEqual(['out/copy/a.txt', 'out/copy/deep/b.txt']);
    expect((await local.get('out/copy/deep/b.txt')).toString()).toBe('B');
  });

  test('takes an S3Prefix as a prefix of names, and keeps the folders it matches apart', async () => {
    await local.createProcessingJob('prefix', 'copy', {
      ProcessingInputs: [input('photos', `s3://${BUCKET}/scan`)],
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/prefix/`),
    });
    await local.processingJobEnd('prefix');
    expect(await local.keys('out/prefix/')).toEqual([
      'out/prefix/a.txt',
      'out/prefix/deep/b.txt',
      'out/prefix/scan2/x.txt',
    ]);
  });

  test('gets exactly the objects that a ManifestFile names, under their relative keys', async () => {
    const manifest = JSON.stringify([{ prefix: `s3://${BUCKET}/scan/` }, 'deep/b.txt']);
    await local.put({ 'manifests/one.json': manifest });
    await local.createProcessingJob('manifest', 'copy', {
      ProcessingInputs: [input('photos', `s3://${BUCKET}/manifests/one.json`, 'ManifestFile')],
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/manifest`),
    });
    expect((await local.processingJobEnd('manifest')).ProcessingJobStatus).toBe('Completed');
    expect(await local.keys('out/manifest/')).toEqual(['out/manifest/deep/b.txt']);
  });

  test('I04: gets objects whose names are as long as a file name can be', async () => {
    const names = [`${'x'.repeat(251)}.jpg`, `${'測'.repeat(83)}16.jpg`];
    await local.put(Object.fromEntries(names.map((name) => [`long/${name}`, 'photo'])));
    await local.put({ 'manifests/long.json': JSON.stringify([{ prefix: `s3://${BUCKET}/long/` }, ...names]) });
    await local.createProcessingJob('long-names', 'copy', {
      ProcessingInputs: [input('photos', `s3://${BUCKET}/manifests/long.json`, 'ManifestFile')],
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/long`),
    });
    expect((await local.processingJobEnd('long-names')).ProcessingJobStatus).toBe('Completed');
    expect(await local.keys('out/long/')).toEqual(names.map((name) => `out/long/${name}`).sort());
  });

  test.each([
    [
      'climbs out of its folder',
      [{ prefix: `s3://${BUCKET}/scan/` }, '../scan2/x.txt'],
      'The key "scan/../scan2/x.txt" does not name a file below',
    ],
    ['is absolute', [{ prefix: `s3://${BUCKET}/scan` }, '/a.txt'], 'does not name a file below'],
    ['has no prefix', ['a.txt'], 'is malformed: its first entry is not {"prefix": "s3://..."}'],
    ['names a missing object', [{ prefix: `s3://${BUCKET}/scan/` }, 'c.txt'], 'NoSuchKey'],
  ])('fails with a ClientError when a manifest entry %s', async (why, manifest, reason) => {
    const name = `bad-${why.replaceAll(/[^a-z]+/g, '-')}`;
    await local.put({ [`manifests/${name}.json`]: JSON.stringify(manifest) });
    await local.createProcessingJob(name, 'copy', {
      ProcessingInputs: [input('photos', `s3://${BUCKET}/manifests/${name}.json`, 'ManifestFile')],
    });
    const job = await local.processingJobEnd(name);
    expect(job.ProcessingJobStatus).toBe('Failed');
    expect(job.FailureReason).toMatch(/^ClientError: Failed to download data\. /);
    expect(job.FailureReason).toContain(reason);
  });

  test.each([
    ['a prefix without objects', `s3://${BUCKET}/nothing/`, 'No S3 objects found under S3 URL "s3://jobs/nothing/"'],
    ['a prefix with a folder mark only', `s3://${BUCKET}/empty-mark/`, 'No S3 objects found'],
    ['a missing bucket', 's3://no-such-bucket/scan/', 'NoSuchBucket'],
  ])('fails with a ClientError for %s', async (what, uri, reason) => {
    const name = what.replaceAll(' ', '-');
    await local.createProcessingJob(name, 'copy', { ProcessingInputs: [input('photos', uri)] });
    const job = await local.processingJobEnd(name);
    expect(job.ProcessingJobStatus).toBe('Failed');
    expect(job.FailureReason).toMatch(/^ClientError: Failed to download data\. /);
    expect(job.FailureReason).toContain(reason);
  });

  test('has regular files uploaded only: no symbolic links, nothing behind them, no pipes', async () => {
    await local.createProcessingJob('links', 'write-links', {
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/links`),
    });
    expect((await local.processingJobEnd('links')).ProcessingJobStatus).toBe('Completed');
    expect(await local.keys('out/links/')).toEqual(['out/links/file']);
  });

  test('runs with the environment of image and request, its configuration files, and nothing of the platform', async () => {
    await local.createProcessingJob('environment', 'environment', {
      AppSpecification: { ImageUri: 'environment', ContainerArguments: ['--level', 'a b'] },
      Environment: { SEED: '7' },
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/environment`),
    });
    await local.processingJobEnd('environment');

    const environment = (await local.get('out/environment/env')).toString();
    expect(environment).toContain('SEED=7\n');
    expect(environment).toContain('FROM_MANIFEST=yes\n');
    expect(environment).not.toContain('AWS_');
    expect((await local.get('out/environment/arguments')).toString()).toBe('--level a b\n');
    const config = JSON.parse((await local.get('out/environment/processingjobconfig.json')).toString()) as object;
    expect(config).toMatchObject({
      ProcessingJobArn: 'arn:aws:sagemaker:us-east-1:123456789012:processing-job/environment',
      ProcessingJobName: 'environment',
      Environment: { SEED: '7' },
    });
    expect(JSON.parse((await local.get('out/environment/resourceconfig.json')).toString())).toEqual({
      current_host: 'algo-1',
      hosts: ['algo-1'],
    });
  });

  test('shows its message as ExitMessage and its exit code in the FailureReason', async () => {
    await local.createProcessingJob('verdict', 'verdict');
    const job = await local.processingJobEnd('verdict');
    expect(job).toMatchObject({
      ProcessingJobStatus: 'Failed',
      ExitMessage: 'TOO_FEW_POINTS: 12 points',
      FailureReason: 'AlgorithmError: , exit code: 3',
    });
  });

  test('fails with a ClientError when its message is not UTF-8', async () => {
    await local.createProcessingJob('not-utf8', 'not-utf8');
    const job = await local.processingJobEnd('not-utf8');
    expect(job.ProcessingJobStatus).toBe('Failed');
    expect(job.FailureReason).toMatch(/^ClientError: /);
  });

  test('that a signal ends fails with 128 + its number and uploads no EndOfJob output', async () => {
    await local.createProcessingJob('crash', 'crash', { ProcessingOutputConfig: output(`s3://${BUCKET}/out/crash`) });
    const job = await local.processingJobEnd('crash');
    expect(job.FailureReason).toBe('AlgorithmError: , exit code: 137');
    expect(await local.keys('out/crash/')).toEqual([]);
  });

  test('with a Continuous output has its files uploaded while it runs, and the last ones even when it fails', async () => {
    await local.createProcessingJob('continuous', 'continuous', {
      ProcessingOutputConfig: output(`s3://${BUCKET}/out/continuous`, 'Continuous'),
    });
    await waitFor('the first file in S3', async () => (await local.keys('out/continuous/')).length === 1);
    expect((await local.describeProcessingJob('continuous')).ProcessingJobStatus).toBe('InProgress');
    await writeFile(path.join(local.jobFolder('processing', 'continuous'), 'tree/processing/go'), '');

    expect((await local.processingJobEnd('continuous')).ProcessingJobStatus).toBe('Failed');
    expect(await local.keys('out/continuous/')).toEqual(['out/continuous/first', 'out/continuous/second']);
  });

  test('fails with a ClientError when its output bucket is missing', async () => {
    await local.createProcessingJob('no-output-bucket', 'write-links', {
      ProcessingOutputConfig: output('s3://no-such-bucket/out'),
    });
    const job = await local.processingJobEnd('no-output-bucket');
    expect(job.ProcessingJobStatus).toBe('Failed');
    expect(job.FailureReason).toMatch(/^ClientError: Artifact upload failed: NoSuchBucket/);
  });

  test('fails as a platform error, not by its own fault, when S3 is out of order', async () => {
    local.s3Faults.before = async (operation) => {
      if (operation === 'GetObject') throw new S3Error('InternalError');
    };
    await local.createProcessingJob('s3-down', 'copy', { ProcessingInputs: [input('photos', `s3://${BUCKET}/scan/`)] });
    const job = await local.processingJobEnd('s3-down');
    local.s3Faults.before = undefined;
    expect(job.FailureReason).toBe('InternalServerError: We encountered an internal error. Please try again.');
  });

  test('keeps what its supervisor had to complain of beside its log', async () => {
    const log = path.join(local.jobFolder('processing', 'no-output-bucket'), 'supervisor.log');
    await waitFor('its complaint', async () => (await readFile(log, 'utf8')).includes('NoSuchBucket'));
  });
});
