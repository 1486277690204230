import { proxyActivities, type ActivityInterfaceFor, type ActivityOptions } from '@temporalio/workflow';
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

/**
 * The activities of a job with their time limits and its priority; an outage of AWS is waited for until `policy.stageTimeoutMs`.
 */
export function activityProxies(deployment: string, policy: Policy, priority: () => number): ActivityProxies {
  const short = shortCall(deployment, policy);
  /** Each call with the priority that the job has then: Temporal's own, which a task keeps once it is queued. */
  const proxies = <A extends object>(options: ActivityOptions): ActivityInterfaceFor<A> =>
    new Proxy({} as ActivityInterfaceFor<A>, {
      get: (_, name) =>
        proxyActivities<A>({ ...options, priority: { priorityKey: priority() } })[
          name as keyof ActivityInterfaceFor<A>
        ],
    });
  return {
    compute: proxies<ComputeCalls>({ ...short, scheduleToCloseTimeout: policy.stageTimeoutMs }),
    watch: proxies<Watch>({
      ...short,
      taskQueue: taskQueue(deployment, 'watch'),
      // No attempt limit: every deploy of the workers ends one attempt. The job's own MaxRuntime ends the wait.
      startToCloseTimeout: policy.stageTimeoutMs,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
      retry: { ...short.retry, maximumInterval: WATCH_PAUSE },
    }),
    logs: proxies<AttemptLogActivities>({
      ...short,
      startToCloseTimeout: LOG_TIMEOUT,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
      retry: { ...short.retry, maximumAttempts: LOG_TRIES },
    }),
    photos: proxies<PhotoActivities>({
      ...short,
      taskQueue: taskQueue(deployment, 'photos'),
      startToCloseTimeout: INTAKE_TIMEOUT,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
    }),
    artifacts: proxies<ArtifactActivities>(short),
    runs: proxies<WorkflowRunActivities>(short),
  };
}
