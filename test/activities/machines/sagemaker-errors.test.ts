import {
  explainEnd,
  explainRefusal,
  isAlreadyEnded,
  isUnknownJob,
  type EndedMachineJob,
} from '../../../activities/machines/sagemaker-errors';

const failedJob: EndedMachineJob = {
  status: 'Failed',
  secondaryStatus: null,
  failureReason: '',
  exitMessage: '',
  ranSeconds: 60,
  maxRuntimeSeconds: 3600,
};
const awsError = (name: string, message: string): Error => Object.assign(new Error(message), { name });

describe('why a job ended', () => {
  test.each([
    ['AlgorithmError: , exit code: 127', '', 'CONTAINER_FAILED'],
    ['AlgorithmError: , exit code: 137', '', 'OUT_OF_MEMORY'],
    ['AlgorithmError:, exit code: 137', '', 'OUT_OF_MEMORY'],
    ['AlgorithmError: TOO_FEW_POINTS: only 31 points, exit code: 3', '', 'TOO_FEW_POINTS'],
    ['AlgorithmError: , exit code: 3', 'MODEL_INVALID: the PLY is truncated', 'MODEL_INVALID'],
    ['AlgorithmError: GPU_OUT_OF_MEMORY: 15.9 GB, exit code: 3', '', 'GPU_OUT_OF_MEMORY'],
    ['AlgorithmError: NOT_A_CODE: hm, exit code: 1', '', 'CONTAINER_FAILED'],
    [
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
      '',
      'NO_CAPACITY',
    ],
    ['InternalServerError: We encountered an internal error. Please try again.', '', 'PLATFORM_ERROR'],
    ['InternalServerError: We encountered an internal error.  Please try again.', '', 'PLATFORM_ERROR'],
    [
      'ClientError: Please use an instance type with more memory, or reduce the size of training data processed on an instance.',
      '',
      'OUT_OF_MEMORY',
    ],
    ['ClientError: Artifact upload failed:Insufficient disk space', '', 'DISK_FULL'],
    ['ClientError: The disk of this machine is full: no space left on device.', '', 'DISK_FULL'],
    ['AlgorithmError: INTERNAL_ERROR: OSError: [Errno 28] No space left on device, exit code: 1', '', 'DISK_FULL'],
    ['AlgorithmError: , exit code: 1', 'INTERNAL_ERROR: OSError: [Errno 28] No space left on device', 'DISK_FULL'],
    ['AlgorithmError: database or disk is full, exit code: 1', '', 'DISK_FULL'],
    ['', '', 'CONTAINER_FAILED'],
  ])('%j with exit message %j means %s', (failureReason, exitMessage, code) => {
    const explained = explainEnd({ ...failedJob, failureReason, exitMessage });
    expect(explained.code).toBe(code);
    expect(explained.message).not.toBe('');
  });

  test('a full disk is that of this machine only where the local endpoint says so', () => {
    const message = (failureReason: string): string => explainEnd({ ...failedJob, failureReason }).message;
    expect(message('ClientError: The disk of this machine is full: no space left on device.')).toBe(
      'the disk of this machine is full',
    );
    expect(message('ClientError: Data download failed:Insufficient disk space')).toBe(
      'the disk of the rented machine is full',
    );
  });

  test("a program's own sentence is kept without its code", () => {
    expect(
      explainEnd({ ...failedJob, failureReason: 'AlgorithmError: TOO_FEW_POINTS: only 31 points, exit code: 3' })
        .message,
    ).toBe('only 31 points');
  });

  test('a stop after the longest run is told from a stop by someone', () => {
    const stopped = { ...failedJob, status: 'Stopped' as const };
    expect(explainEnd({ ...stopped, secondaryStatus: 'MaxRuntimeExceeded' }).code).toBe('MAX_RUNTIME_EXCEEDED');
    expect(explainEnd({ ...stopped, secondaryStatus: 'Stopped', ranSeconds: 3700 }).code).toBe('STOPPED_FROM_OUTSIDE');
    expect(explainEnd({ ...stopped, ranSeconds: 3700 }).code).toBe('MAX_RUNTIME_EXCEEDED');
    expect(explainEnd(stopped).code).toBe('STOPPED_FROM_OUTSIDE');
    expect(explainEnd({ ...stopped, secondaryStatus: 'MaxWaitTimeExceeded' }).code).toBe('NO_SPOT_IN_TIME');
  });
});

describe('why a Create was refused', () => {
  const limit = (n: number): string =>
    `The account-level service limit 'ml.g4dn.xlarge for training job usage' is ${n} Instances, with current utilization of ${n} Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota.`;

  test('a quota in use is waited for, a quota of 0 is named', () => {
    expect(explainRefusal(awsError('ResourceLimitExceeded', limit(1)))?.code).toBe('QUOTA_REACHED');
    expect(explainRefusal(awsError('ResourceLimitExceeded', limit(0)))).toMatchObject({
      code: 'QUOTA_ZERO',
      message: expect.stringContaining('ml.g4dn.xlarge for training job usage') as string,
    });
  });

  test('a request that cannot succeed is refused for good, one whose trouble may pass is tried again', () => {
    expect(explainRefusal(awsError('ValidationException', '1 validation error detected'))?.code).toBe(
      'REQUEST_REFUSED',
    );
    expect(explainRefusal(awsError('AccessDeniedException', 'no'))?.code).toBe('REQUEST_REFUSED');
    for (const name of ['ThrottlingException', 'InternalFailure', 'TimeoutError', 'ECONNRESET'])
      expect(explainRefusal(awsError(name, 'x'))).toBeNull();
  });
});

test("SageMaker's ways of saying 404 and already ended are understood", () => {
  expect(isUnknownJob(awsError('ValidationException', 'Requested resource not found.'))).toBe(true);
  expect(isUnknownJob(awsError('ValidationException', 'Could not find requested job with name: x'))).toBe(true);
  expect(isUnknownJob(awsError('ValidationException', '1 validation error detected'))).toBe(false);
  expect(
    isAlreadyEnded(
      awsError('ValidationException', 'The request was rejected because the training job is in status Completed.'),
    ),
  ).toBe(true);
  expect(isAlreadyEnded(awsError('ValidationException', 'Could not find job to update with name x'))).toBe(true);
});
