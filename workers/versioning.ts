import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../platform/config';

/**
 * Options of workers whose versions Temporal keeps apart: a run stays with the build that it began in, and its activities
 * too, as all queues carry the build. A build gets nothing before it is made current (workers/deploy). Without a build id
 * all workers are one version, and open runs are replayed by whichever is there.
 */
export const versioningOptions = ({
  deployment,
  buildId,
}: Pick<Config, 'deployment' | 'buildId'>): Pick<WorkerOptions, 'workerDeploymentOptions'> =>
  buildId === null
    ? {}
    : {
        workerDeploymentOptions: {
          useWorkerVersioning: true,
          version: { deploymentName: deployment, buildId },
          defaultVersioningBehavior: 'PINNED',
        },
      };
