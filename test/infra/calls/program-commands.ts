import { machineJobName } from '../../../contracts/machines/names';
import { layout } from '../../../contracts/storage/layout';
import type { Stage } from '../../../contracts/stages/stage';
import type { Command } from './commands';

const JOB = 'k3v9q2m7x1';
const TENANT = 'acme';
const UPLOAD = 'u7f3k2m9q1x5';
const BATCH = 'b4n8r2t6w1';
const ENDPOINT = 'we_1';
const PHOTO = `${layout.uploadPhotosFolder(TENANT, UPLOAD)}DJI_0001.JPG`;
const RESULT = `${layout.resultFolder(JOB)}scene.sog`;
const DELIVERY = layout.endpointDelivery(TENANT, ENDPOINT, '1-a');
const GROUPS = ['/aws/sagemaker/ProcessingJobs', '/aws/sagemaker/TrainingJobs'] as const;

const on =
  (name: 'GetObject' | 'HeadObject' | 'PutObject' | 'DeleteObjects' | 'AbortMultipartUpload') =>
  (...keys: readonly string[]): Command[] =>
    keys.map((key) => ({ name, key }));
const gets = on('GetObject');
const heads = on('HeadObject');
const puts = on('PutObject');
const deletes = on('DeleteObjects');
const aborts = on('AbortMultipartUpload');

const machineJob = (deployment: string, stage: Stage): string =>
  machineJobName({ deployment, jobId: JOB, stage, attempt: 1 });

const logs = (deployment: string): Command[] =>
  GROUPS.flatMap((group): Command[] => {
    const stream = `${machineJob(deployment, group === GROUPS[1] ? 'training' : 'sfm')}/algo-1-1700000000`;
    return [
      { name: 'DescribeLogStreams', group, stream },
      { name: 'GetLogEvents', group, stream },
    ];
  });

/** Photos from a bucket that the operator has named. */
const inputs = (buckets: readonly string[]): Command[] =>
  buckets.flatMap((bucket): Command[] => [
    { name: 'ListObjectsV2', bucket },
    { name: 'HeadObject', bucket, key: 'quarry/DJI_0001.JPG' },
  ]);

/** Commands of the workers: activities/ and the parts of platform/ that they use. */
export const workerCommands = (deployment: string, inputBuckets: readonly string[]): Command[] => [
  // Records, batches, tenants, budgets, deliveries.
  ...gets(
    layout.record(JOB),
    layout.batch(BATCH),
    layout.registered('tenants', TENANT, '', TENANT),
    layout.usedUpBudget(TENANT),
    DELIVERY,
    layout.endpointFailures(TENANT, ENDPOINT),
  ),
  ...puts(layout.record(JOB), layout.batch(BATCH), DELIVERY, layout.endpointFailures(TENANT, ENDPOINT)),
  ...deletes(DELIVERY, layout.endpointFailures(TENANT, ENDPOINT)),
  { name: 'ListObjectsV2' },
  // Intake.
  ...inputs(inputBuckets),
  ...inputBuckets.map((bucket): Command => ({ name: 'GetObject', bucket, key: 'quarry/photos.zip' })),
  ...inputBuckets.map((bucket): Command => ({
    name: 'CopyObject',
    bucket,
    key: 'quarry/a.JPG',
    to: `${layout.unpackedFolder(JOB)}a.JPG`,
  })),
  ...gets(PHOTO, layout.uploadManifest(TENANT, UPLOAD)),
  ...heads(PHOTO),
  { name: 'CopyObject', key: PHOTO, to: `${layout.unpackedFolder(JOB)}a.JPG` },
  ...puts(layout.manifest(JOB), layout.photoList(JOB)),
  { name: 'CreateMultipartUpload', key: `${layout.unpackedFolder(JOB)}a.JPG` },
  { name: 'UploadPart', key: `${layout.unpackedFolder(JOB)}a.JPG` },
  { name: 'CompleteMultipartUpload', key: `${layout.unpackedFolder(JOB)}a.JPG` },
  ...aborts(`${layout.unpackedFolder(JOB)}a.JPG`),
  // Machines, and what they print.
  ...puts(`${layout.configFolder(JOB, 'sfm', 1)}settings.json`, layout.attemptLog(JOB, 'sfm', 1)),
  { name: 'CreateProcessingJob', job: machineJob(deployment, 'sfm') },
  { name: 'CreateProcessingJob', job: machineJob(deployment, 'compression') },
  { name: 'CreateTrainingJob', job: machineJob(deployment, 'training') },
  { name: 'DescribeProcessingJob', job: machineJob(deployment, 'sfm') },
  { name: 'DescribeTrainingJob', job: machineJob(deployment, 'training') },
  { name: 'StopProcessingJob', job: machineJob(deployment, 'sfm') },
  { name: 'StopTrainingJob', job: machineJob(deployment, 'training') },
  { name: 'ListTags', job: machineJob(deployment, 'training') },
  { name: 'ListProcessingJobs' },
  { name: 'ListTrainingJobs' },
  ...logs(deployment),
  // Results.
  { name: 'CopyObject', key: `${layout.outputFolder(JOB, 'compression', 1)}scene.sog`, to: RESULT },
  ...heads(RESULT),
  // Upkeep, erasure.
  ...deletes(RESULT, PHOTO),
  { name: 'ListMultipartUploads' },
  ...aborts(PHOTO),
];

/** Commands of the server: server/ and the parts of platform/ that it uses, and the links that it signs for browsers. */
export const serverCommands = (deployment: string, inputBuckets: readonly string[]): Command[] => [
  { name: 'FilterLogEvents', group: `/aws/events/${deployment}-events`, stream: '' },
  { name: 'HeadBucket' },
  { name: 'ListObjectsV2' },
  { name: 'ListMultipartUploads' },
  ...gets(
    layout.record(JOB),
    layout.batch(BATCH),
    layout.registered('keys', TENANT, '', 'k1'),
    layout.usedUpBudget(TENANT),
    DELIVERY,
    layout.uploadManifest(TENANT, UPLOAD),
    RESULT,
    layout.attemptLog(JOB, 'sfm', 1),
  ),
  ...heads(RESULT, PHOTO),
  ...puts(
    layout.record(JOB),
    layout.batch(BATCH),
    layout.registered('keys', TENANT, '', 'k1'),
    layout.usedUpBudget(TENANT),
    DELIVERY,
    layout.uploadManifest(TENANT, UPLOAD),
    PHOTO,
  ),
  ...deletes(PHOTO, layout.registered('keys', TENANT, '', 'k1'), DELIVERY),
  { name: 'CreateMultipartUpload', key: PHOTO },
  { name: 'UploadPart', key: PHOTO },
  { name: 'ListParts', key: PHOTO },
  { name: 'CompleteMultipartUpload', key: PHOTO },
  ...aborts(PHOTO),
  ...inputs(inputBuckets),
  ...logs(deployment),
];
