import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { RecordRepairActivities } from '../../activities/upkeep/record-repair';
import type { RetentionActivities } from '../../activities/upkeep/retention';
import type { StrayActivities } from '../../activities/upkeep/strays';
import type { Policy } from '../../contracts/job/policy';
import { shortCall } from '../activity-options';

/** What looks after all jobs at once. */
export interface UpkeepProxies {
  readonly strays: ActivityInterfaceFor<StrayActivities>;
  readonly records: ActivityInterfaceFor<RecordRepairActivities>;
  readonly files: ActivityInterfaceFor<RetentionActivities>;
}

/** Longest walk over all jobs, tries after an outage included; the next round begins anew. */
const ROUND_TIMEOUT = '1 hour';
/** A walk that is silent for so long is given to another worker, which continues from where it was. */
const HEARTBEAT_TIMEOUT = '2 minutes';

export function upkeepProxies(deployment: string, policy: Policy): UpkeepProxies {
  const walk = {
    ...shortCall(deployment, policy),
    startToCloseTimeout: ROUND_TIMEOUT,
    scheduleToCloseTimeout: ROUND_TIMEOUT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
  } as const;
  return {
    strays: proxyActivities<StrayActivities>(walk),
    records: proxyActivities<RecordRepairActivities>(walk),
    files: proxyActivities<RetentionActivities>(walk),
  };
}
