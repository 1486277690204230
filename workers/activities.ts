import type { Client } from '@temporalio/client';
import { createArtifactActivities, type ArtifactActivities } from '../activities/artifacts';
import { createComputeJobActivities, type ComputeJobActivities } from '../activities/compute-jobs';
import { createMailActivities, type MailActivities } from '../activities/mail';
import { createPhotoActivities, type PhotoActivities } from '../activities/photos';
import { createWorkflowRunActivities, type WorkflowRunActivities } from '../activities/workflow-runs';
import { createLogsClient, createS3Client, createSageMakerClient } from '../platform/aws-clients';
import type { Config } from '../platform/config';
import { createMailTransport } from '../platform/mail-transport';

/** All activities, by the task queue that serves them. */
export interface QueuedActivities {
  readonly control: Pick<ComputeJobActivities, 'submitJob' | 'stopJob'> & ArtifactActivities & MailActivities & WorkflowRunActivities;
  readonly watch: Pick<ComputeJobActivities, 'watchJob'>;
  readonly photos: PhotoActivities;
}

/** Builds every activity's dependencies from the configuration. */
export function createActivities(config: Config, client: Client): QueuedActivities {
  const s3 = createS3Client(config);
  const { bucket, inputBuckets, roleArn, images, mailFrom } = config;
  const { submitJob, watchJob, stopJob } = createComputeJobActivities({
    sagemaker: createSageMakerClient(config),
    logs: createLogsClient(config),
    s3,
    environment: { bucket, roleArn, images },
  });
  return {
    control: {
      submitJob,
      stopJob,
      ...createArtifactActivities({ s3, bucket }),
      ...createMailActivities({ transport: createMailTransport(config), from: mailFrom }),
      ...createWorkflowRunActivities({ client }),
    },
    watch: { watchJob },
    photos: createPhotoActivities({ s3, bucket, inputBuckets }),
  };
}
