import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { PhotoActivities } from '../../activities/intake/photos';
import type { AttemptLogActivities } from '../../activities/machines/attempt-logs';
import type { MachineJobActivities } from '../../activities/machines/machine-jobs';
import type { ArtifactActivities } from '../../activities/results/artifacts';
import type { WorkflowRunActivities } from '../../activities/workflow-runs';
import type { Policy } from '../../contracts/job/policy';
import { taskQueue } from '../../contracts/job/temporal-names';
import { shortCall } from '../activity-options';

type ComputeCalls = Pick<MachineJobActivities, 'submitJob' | 'stopJob' | 'confirmEnd'>;
type Watch = Pick<MachineJobActivities, 'watchJob'>;

/** A job's activities, by capability. */
export interface ActivityProxies {
  readonly compute: ActivityInterfaceFor<ComputeCalls>;
  readonly watch: ActivityInterfaceFor<Watch>;
  readonly logs: ActivityInterfaceFor<AttemptLogActivities>;
  readonly photos: ActivityInterfaceFor<PhotoActivities>;
  readonly artifacts: ActivityInterfaceFor<ArtifactActivities>;
  readonly runs: ActivityInterfaceFor<WorkflowRunActivities>;
}

const INTAKE_TIMEOUT = '6 hours';
const WATCH_PAUSE = '10 seconds';
/** A log of hundreds of MB is read to its end in minutes. */
const LOG_TIMEOUT = '5 minutes';
/** A run stays open until its logs are stored: an outage is not waited for. */
const LOG_TRIES = 4;

/** The activities of a job with their time limits; an outage of AWS is waited for until `policy.stageTimeoutMs`. */
export function activityProxies(deployment: string, policy: Policy): ActivityProxies {
  const short = shortCall(deployment, policy);
  return {
    compute: proxyActivities<ComputeCalls>({ ...short, scheduleToCloseTimeout: policy.stageTimeoutMs }),
    watch: proxyActivities<Watch>({
      ...short,
      taskQueue: taskQueue(deployment, 'watch'),
      // No attempt limit: every deploy of the workers ends one attempt. The job's own MaxRuntime ends the wait.
      startToCloseTimeout: policy.stageTimeoutMs,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
      retry: { ...short.retry, maximumInterval: WATCH_PAUSE },
    }),
    logs: proxyActivities<AttemptLogActivities>({
      ...short,
      startToCloseTimeout: LOG_TIMEOUT,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
      retry: { ...short.retry, maximumAttempts: LOG_TRIES },
    }),
    photos: proxyActivities<PhotoActivities>({
      ...short,
      taskQueue: taskQueue(deployment, 'photos'),
      startToCloseTimeout: INTAKE_TIMEOUT,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
    }),
    artifacts: proxyActivities<ArtifactActivities>(short),
    runs: proxyActivities<WorkflowRunActivities>(short),
  };
}
