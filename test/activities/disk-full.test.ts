import { ApplicationFailure } from '@temporalio/common';
import { namingFullDisk } from '../../activities/disk-full';
import { refusal } from '../../activities/application-failures';

const failing = (error: unknown): Promise<unknown> =>
  namingFullDisk(() => Promise.reject(error as Error)).catch((thrown: unknown) => thrown);
const awsError = (message: string, httpStatusCode: number): Error =>
  Object.assign(new Error(message), { $metadata: { httpStatusCode } });

test.each([
  ['S3 has no room for an object', awsError('anything', 507)],
  ['SageMaker says so', awsError('The disk of this machine is full: no space left on device.', 503)],
  ['a stream says so', new Error('upload failed', { cause: new Error('ENOSPC: no space left on device, write') })],
])('a call that fails as %s is tried again, and says by code what is full', async (_where, error) => {
  expect(await failing(error)).toMatchObject({
    type: 'DISK_FULL',
    message: 'the disk of this machine is full',
    nonRetryable: false,
    cause: error,
  });
});

test('other errors, and failures that have their code, stay as they are', async () => {
  for (const error of [awsError('SlowDown', 503), refusal('DISK_FULL', 'the disk of this machine is full')])
    expect(await failing(error)).toBe(error);
  expect(refusal('DISK_FULL', '')).toBeInstanceOf(ApplicationFailure);
});
