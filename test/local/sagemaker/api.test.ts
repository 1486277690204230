import {
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  DescribeNotebookInstanceCommand,
  ListProcessingJobsCommand,
  ListTagsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
  type ListTrainingJobsCommandInput,
} from '@aws-sdk/client-sagemaker';
import {
  BUCKET,
  CREDENTIALS,
  input,
  LocalSageMaker,
  output,
  processingRequest,
  REGION,
  trainingRequest,
} from '../../helpers/local-sagemaker';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012';

describe('the SageMaker API', () => {
  let local: LocalSageMaker;

  beforeAll(async () => {
    local = await LocalSageMaker.start(
      { ends: { sh: 'true' }, waits: { sh: 'exec sleep 1000' } },
      {
        quotas: { training: { 'ml.g4dn.xlarge': 1, 'ml.g5.xlarge': 0 }, processing: { 'ml.c6i.2xlarge': 2 } },
        stopGraceSeconds: 1,
      },
    );
  });
  afterAll(() => local.close());

  const stopTraining = async (name: string) => {
    await local.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: name }));
    await local.trainingJobEnd(name);
  };

  describe('Create', () => {
    test('answers with the ARN', async () => {
      const answer = await local.sagemaker.send(new CreateProcessingJobCommand(processingRequest('arn', 'ends')));
      expect(answer.ProcessingJobArn).toBe(`${ARN}:processing-job/arn`);
      await local.processingJobEnd('arn');
    });

    test('refuses an image that is not in the manifest', async () => {
      await expect(local.createTrainingJob('unknown-image', 'ends-not')).rejects.toMatchObject({
        name: 'ValidationException',
        message: 'The image ends-not is not in the image manifest of the local endpoint.',
      });
      await expect(local.describeTrainingJob('unknown-image')).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test('refuses a name used before, for ever, within its kind of job only', async () => {
      await local.createTrainingJob('reused', 'ends');
      await local.trainingJobEnd('reused');
      await expect(local.createTrainingJob('reused', 'ends')).rejects.toMatchObject({
        name: 'ResourceInUse',
        message: `Job name must be unique within an AWS account and region, and a job with this name already exists (${ARN}:training-job/reused)`,
      });
      await local.createProcessingJob('reused', 'ends');
      expect((await local.processingJobEnd('reused')).ProcessingJobStatus).toBe('Completed');
    });

    test('makes one job of two simultaneous calls with one name', async () => {
      const calls = await Promise.allSettled(
        ['ends', 'ends'].map((image) => local.createProcessingJob('twice', image)),
      );
      expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(calls.find((call) => call.status === 'rejected')!.reason).toMatchObject({ name: 'ResourceInUse' });
      await local.processingJobEnd('twice');
    });

    test('refuses a job beyond the quota of its instance type in the words of AWS, until one has ended', async () => {
      await local.createTrainingJob('quota-1', 'waits');
      await expect(local.createTrainingJob('quota-2', 'waits')).rejects.toMatchObject({
        name: 'ResourceLimitExceeded',
        message:
          "The account-level service limit 'ml.g4dn.xlarge for training job usage' is 1 Instances, with current utilization of 1 Instances " +
          'and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota. ' +
          'If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.',
      });
      await stopTraining('quota-1');
      await local.createTrainingJob('quota-2', 'ends');
      await local.trainingJobEnd('quota-2');
    });

    test('keeps a quota under simultaneous calls', async () => {
      const names = ['many-1', 'many-2', 'many-3', 'many-4'];
      const calls = await Promise.allSettled(names.map((name) => local.createProcessingJob(name, 'waits')));
      const created = names.filter((_, index) => calls[index]!.status === 'fulfilled');
      expect(created).toHaveLength(2);
      await Promise.all(
        created.map((name) => local.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: name }))),
      );
      await Promise.all(created.map((name) => local.processingJobEnd(name)));
    });

    test('refuses every job where the quota is 0', async () => {
      const resources = { InstanceCount: 1, InstanceType: 'ml.g5.xlarge' as const, VolumeSizeInGB: 10 };
      await expect(local.createTrainingJob('zero', 'ends', { ResourceConfig: resources })).rejects.toMatchObject({
        name: 'ResourceLimitExceeded',
        message: expect.stringContaining(
          "'ml.g5.xlarge for training job usage' is 0 Instances, with current utilization of 0 Instances",
        ),
      });
    });

    test.each([
      [
        'a malformed name',
        processingRequest('no_underscores', 'ends'),
        "1 validation error detected: Value 'no_underscores' at 'processingJobName' failed to satisfy constraint: " +
          'Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}',
      ],
      [
        'a name of 64 characters',
        processingRequest('a'.repeat(64), 'ends'),
        `2 validation errors detected: Value '${'a'.repeat(64)}' at 'processingJobName' failed to satisfy constraint: Member must have length less than or equal to 63; ` +
          `Value '${'a'.repeat(64)}' at 'processingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`,
      ],
      [
        'a missing role',
        processingRequest('x', 'ends', { RoleArn: undefined }),
        "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
      ],
      [
        'an environment value over 256 characters',
        processingRequest('x', 'ends', { Environment: { LONG: 'v'.repeat(257) } }),
        `1 validation error detected: Value '${'v'.repeat(257)}' at 'environment.LONG.member' failed to satisfy constraint: Member must have length less than or equal to 256`,
      ],
      [
        'a MaxRuntime of 0',
        processingRequest('x', 'ends', { StoppingCondition: { MaxRuntimeInSeconds: 0 } }),
        "1 validation error detected: Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 1",
      ],
      [
        'an input elsewhere than below /opt/ml/processing',
        processingRequest('x', 'ends', {
          ProcessingInputs: [
            {
              InputName: 'a',
              S3Input: { S3Uri: `s3://${BUCKET}/a/`, LocalPath: '/opt/ml/processing/../model', S3DataType: 'S3Prefix' },
            },
          ],
        }),
        "LocalPath of input 'a' must be below /opt/ml/processing/: /opt/ml/processing/../model",
      ],
      [
        'the same input twice',
        processingRequest('x', 'ends', {
          ProcessingInputs: [input('a', `s3://${BUCKET}/a/`), input('a', `s3://${BUCKET}/b/`)],
        }),
        'InputName must be unique: a',
      ],
      [
        'an https output',
        processingRequest('x', 'ends', { ProcessingOutputConfig: output('https://example.com/x') }),
        'The local endpoint reads and writes s3:// URIs only: https://example.com/x',
      ],
    ])('refuses %s with a ValidationException', async (_what, request, message) => {
      await expect(local.sagemaker.send(new CreateProcessingJobCommand(request))).rejects.toMatchObject({
        name: 'ValidationException',
        message,
      });
    });

    test('refuses an instance type that training does not have, listing those it has', async () => {
      const resources = { InstanceCount: 1, InstanceType: 'ml.huge' as never, VolumeSizeInGB: 10 };
      const creating = local.sagemaker.send(
        new CreateTrainingJobCommand(trainingRequest('x', 'ends', { ResourceConfig: resources })),
      );
      await expect(creating).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringMatching(
          /^1 validation error detected: Value 'ml.huge' at 'resourceConfig.instanceType' .* enum value set: \[.*ml\.g6\.xlarge/,
        ),
      });
    });
  });

  test("Describe and Stop say in AWS's two ways that there is no such job", async () => {
    await expect(local.describeTrainingJob('nobody')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Requested resource not found.',
    });
    await expect(local.describeProcessingJob('nobody')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Could not find requested job with name: nobody',
    });
    await expect(local.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'nobody' }))).rejects.toMatchObject(
      {
        name: 'ValidationException',
        message: 'Requested resource not found.',
      },
    );
    await expect(
      local.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: 'nobody' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Could not find job to update with name: nobody',
    });
  });

  describe('List', () => {
    const list = async (request: ListTrainingJobsCommandInput) =>
      local.sagemaker.send(new ListTrainingJobsCommand(request));
    const names = async (request: ListTrainingJobsCommandInput) =>
      (await list(request)).TrainingJobSummaries!.map(({ TrainingJobName }) => TrainingJobName);
    let between: Date;

    beforeAll(async () => {
      for (const name of ['list-b', 'list-a', 'list-c']) {
        await local.createTrainingJob(name, 'ends');
        between ??= (await local.trainingJobEnd(name)).CreationTime!;
        await local.trainingJobEnd(name);
      }
      await local.createTrainingJob('list-running', 'waits');
    });
    afterAll(() => stopTraining('list-running'));

    test('sorts by creation time or name, either way', async () => {
      expect(await names({ NameContains: 'list-' })).toEqual(['list-b', 'list-a', 'list-c', 'list-running']);
      expect(await names({ NameContains: 'list-', SortBy: 'Name', SortOrder: 'Descending' })).toEqual([
        'list-running',
        'list-c',
        'list-b',
        'list-a',
      ]);
    });

    test('selects by status and by creation time', async () => {
      expect(await names({ NameContains: 'list-', StatusEquals: 'InProgress' })).toEqual(['list-running']);
      expect(await names({ NameContains: 'list-', CreationTimeAfter: between })).toEqual([
        'list-a',
        'list-c',
        'list-running',
      ]);
      expect(await names({ NameContains: 'list-', CreationTimeBefore: new Date(between.getTime() + 1) })).toEqual([
        'list-b',
      ]);
    });

    test('gives pages that together hold every job once', async () => {
      const first = await list({ NameContains: 'list-', MaxResults: 3 });
      expect(first.TrainingJobSummaries).toHaveLength(3);
      const second = await list({ NameContains: 'list-', MaxResults: 3, NextToken: first.NextToken });
      expect(second.NextToken).toBeUndefined();
      expect(second.TrainingJobSummaries!.map(({ TrainingJobName }) => TrainingJobName)).toEqual(['list-running']);
    });

    test('refuses a token that it never gave', async () => {
      await expect(list({ NextToken: 'made-up' })).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test('keeps processing jobs apart', async () => {
      const { ProcessingJobSummaries } = await local.sagemaker.send(
        new ListProcessingJobsCommand({ NameContains: 'list-' }),
      );
      expect(ProcessingJobSummaries).toEqual([]);
    });
  });

  test('tags given to Create can be listed', async () => {
    await local.createProcessingJob('tagged', 'ends', {
      Tags: [
        { Key: 'job', Value: '1' },
        { Key: 'run', Value: '1' },
      ],
    });
    const ResourceArn = `${ARN}:processing-job/tagged`;
    const { Tags } = await local.sagemaker.send(new ListTagsCommand({ ResourceArn }));
    expect(Tags).toEqual([
      { Key: 'job', Value: '1' },
      { Key: 'run', Value: '1' },
    ]);
    await local.processingJobEnd('tagged');
  });

  describe('a request', () => {
    const withClient = (more: object) =>
      new SageMakerClient({ endpoint: local.endpoint, region: REGION, credentials: CREDENTIALS, ...more });

    test('signed with a wrong secret is refused', async () => {
      const client = withClient({ credentials: { ...CREDENTIALS, secretAccessKey: 'wrong' } });
      await expect(client.send(new ListTrainingJobsCommand({}))).rejects.toMatchObject({
        name: 'InvalidSignatureException',
      });
    });

    test('signed with an unknown key is refused', async () => {
      const client = withClient({ credentials: { ...CREDENTIALS, accessKeyId: 'nobody' } });
      await expect(client.send(new ListTrainingJobsCommand({}))).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      });
    });

    test('signed for another region is refused', async () => {
      await expect(withClient({ region: 'eu-west-1' }).send(new ListTrainingJobsCommand({}))).rejects.toMatchObject({
        name: 'InvalidSignatureException',
      });
    });

    test('whose body was changed after signing is refused', async () => {
      const client = withClient({});
      client.middlewareStack.add(
        (next) => async (args) => {
          (args.request as { body: string }).body = '{"MaxResults":1}';
          return next(args);
        },
        { step: 'deserialize', priority: 'low' },
      );
      await expect(client.send(new ListTrainingJobsCommand({ MaxResults: 2 }))).rejects.toMatchObject({
        name: 'InvalidSignatureException',
      });
    });

    test('without a signature, or from a page in a browser, is refused', async () => {
      const headers = { 'x-amz-target': 'SageMaker.ListTrainingJobs', 'content-type': 'application/x-amz-json-1.1' };
      const unsigned = await fetch(local.endpoint, { method: 'POST', headers, body: '{}' });
      expect([unsigned.status, await unsigned.json()]).toEqual([
        400,
        { __type: 'MissingAuthenticationTokenException', Message: 'Missing Authentication Token' },
      ]);
      const fromPage = await fetch(local.endpoint, {
        method: 'POST',
        headers: { ...headers, origin: 'http://evil.example' },
        body: '{}',
      });
      expect(await fromPage.json()).toMatchObject({ __type: 'AccessDeniedException' });
    });

    test('for an operation that is not served is an UnknownOperationException', async () => {
      await expect(
        local.sagemaker.send(new DescribeNotebookInstanceCommand({ NotebookInstanceName: 'x' })),
      ).rejects.toMatchObject({
        name: 'UnknownOperationException',
      });
    });
  });
});
