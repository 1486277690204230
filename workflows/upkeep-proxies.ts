import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { ErasureActivities } from '../activities/erasure';
import type { RecordRepairActivities } from '../activities/record-repair';
import type { RetentionActivities } from '../activities/retention';
import type { StrayActivities } from '../activities/strays';
import type { WorkflowRunActivities } from '../activities/workflow-runs';
import { taskQueue } from '../contracts/pipeline';
import type { Policy } from '../contracts/policy';

/** What looks after all jobs at once. */
export interface UpkeepProxies {
  readonly strays: ActivityInterfaceFor<StrayActivities>;
  readonly records: ActivityInterfaceFor<RecordRepairActivities>;
  readonly files: ActivityInterfaceFor<RetentionActivities>;
}

/** Longest walk over all jobs, tries after an outage included; the next round begins anew. */
const ROUND_TIMEOUT = '1 hour';
/** A walk that is silent for so long is given to another worker, which goes on from where it was. */
const HEARTBEAT_TIMEOUT = '2 minutes';

const options = (deployment: string, policy: Policy) =>
  ({
    taskQueue: taskQueue(deployment, 'control'),
    startToCloseTimeout: ROUND_TIMEOUT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: policy.retryInitialMs, maximumInterval: policy.retryMaximumMs, backoffCoefficient: 2 },
  }) as const;

export function upkeepProxies(deployment: string, policy: Policy): UpkeepProxies {
  const walk = {
    ...options(deployment, policy),
    scheduleToCloseTimeout: ROUND_TIMEOUT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
  };
  return {
    strays: proxyActivities<StrayActivities>(walk),
    records: proxyActivities<RecordRepairActivities>(walk),
    files: proxyActivities<RetentionActivities>(walk),
  };
}

type ErasureProxies = ErasureActivities & Pick<WorkflowRunActivities, 'cancelDeliveries'>;

/** Tried until it is done: what a person asked to be erased is not forgotten because S3 was away for a day. */
export const erasureProxies = (deployment: string, policy: Policy): ActivityInterfaceFor<ErasureProxies> =>
  proxyActivities<ErasureProxies>({ ...options(deployment, policy), startToCloseTimeout: ROUND_TIMEOUT });
