import {
  processingJobRequest,
  trainingJobRequest,
  type MachineJobSpec,
} from '../../../activities/machines/create-requests';
import { STAGES, type Stage } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';

const KEY = 'arn:aws:kms:us-west-2:123456789012:key/results';
const ENVIRONMENT = {
  bucket: 'spaceport',
  roleArn: 'arn:aws:iam::123456789012:role/machines',
  images: { sfm: 'sfm', training: 'training', compression: 'compression' },
};

const specOf = (stage: Stage, instanceType: string = STAGE[stage].machines.standard.instanceType): MachineJobSpec => ({
  deployment: 'test',
  jobId: 'abcdefgh',
  runId: 'run-1',
  stage,
  attempt: 1,
  machine: { ...STAGE[stage].machines.standard, instanceType },
  resumedFrom: null,
  inputs: Object.fromEntries(
    Object.keys(STAGE[stage].inputs).map((channel) => [channel, [{ part: null, folder: `jobs/abcdefgh/${channel}/` }]]),
  ),
});

/** What the Create call of a stage says of network and encryption. */
function safetyOf(spec: MachineJobSpec, kmsKeyArn: string | null) {
  const environment = { ...ENVIRONMENT, kmsKeyArn };
  if (STAGE[spec.stage].kind === 'training') {
    const request = trainingJobRequest(spec, environment);
    return {
      isIsolated: request.EnableNetworkIsolation,
      resultKey: request.OutputDataConfig?.KmsKeyId,
      diskKey: request.ResourceConfig?.VolumeKmsKeyId,
    };
  }
  const request = processingJobRequest(spec, environment);
  return {
    isIsolated: request.NetworkConfig?.EnableNetworkIsolation,
    resultKey: request.ProcessingOutputConfig?.KmsKeyId,
    diskKey: request.ProcessingResources?.ClusterConfig?.VolumeKmsKeyId,
  };
}

test.each(STAGES)('the machine of %s has no network, and encrypts its results with the named key', (stage) => {
  expect(safetyOf(specOf(stage), KEY)).toMatchObject({ isIsolated: true, resultKey: KEY });
  expect(safetyOf(specOf(stage), null)).toEqual({ isIsolated: true, resultKey: undefined, diskKey: undefined });
});

test.each([
  ['sfm', 'ml.c6i.2xlarge', KEY],
  ['training', 'ml.g4dn.xlarge', undefined],
  ['training', 'ml.g5.xlarge', undefined],
  ['compression', 'ml.c6i.4xlarge', KEY],
] as const)('the disk of %s on %s is encrypted with the key only where AWS takes one', (stage, type, diskKey) => {
  expect(safetyOf(specOf(stage, type), KEY).diskKey).toBe(diskKey);
});
