import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { ErasureActivities } from '../../activities/upkeep/erasure';
import type { WorkflowRunActivities } from '../../activities/workflow-runs';
import type { Policy } from '../../contracts/job/policy';
import { shortCall } from '../activity-options';

type ErasureProxies = ErasureActivities & Pick<WorkflowRunActivities, 'cancelDeliveries'>;

/** Longest single try of deleting a job's files. */
const TIMEOUT = '1 hour';

/** Tried until it is done: what a person asked to be erased is not forgotten because S3 was away for a day. */
export const erasureProxies = (deployment: string, policy: Policy): ActivityInterfaceFor<ErasureProxies> =>
  proxyActivities<ErasureProxies>({ ...shortCall(deployment, policy), startToCloseTimeout: TIMEOUT });
