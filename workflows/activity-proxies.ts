import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { ArtifactActivities } from '../activities/artifacts';
import type { ComputeJobActivities } from '../activities/compute-jobs';
import type { DeliveryActivities } from '../activities/deliveries';
import type { MailActivities } from '../activities/mail';
import type { PhotoActivities } from '../activities/photos';
import type { WebhookActivities } from '../activities/webhooks';
import type { WorkflowRunActivities } from '../activities/workflow-runs';
import { taskQueue } from '../contracts/pipeline';
import type { Policy } from '../contracts/policy';

/** A job's activities, by capability. */
export interface ActivityProxies {
  readonly compute: ActivityInterfaceFor<Pick<ComputeJobActivities, 'submitJob' | 'stopJob' | 'confirmEnd'>>;
  readonly watch: ActivityInterfaceFor<Pick<ComputeJobActivities, 'watchJob'>>;
  readonly photos: ActivityInterfaceFor<PhotoActivities>;
  readonly artifacts: ActivityInterfaceFor<ArtifactActivities>;
  readonly runs: ActivityInterfaceFor<WorkflowRunActivities>;
  readonly mail: ActivityInterfaceFor<MailActivities>;
  readonly webhooks: ActivityInterfaceFor<WebhookActivities>;
  readonly deliveries: ActivityInterfaceFor<DeliveryActivities>;
}

/** Longest single try of a notification. */
const DELIVERY_TIMEOUT = '2 minutes';
const INTAKE_TIMEOUT = '6 hours';
/** Longest pause between two tries of a notification: soon enough for a person, seldom enough for a stranger's server. */
const MAIL_PAUSE = '1 hour';
const WEBHOOK_PAUSE = '6 hours';

/**
 * The activities of a job with their time limits and retries. Retryable by default: only codes thrown as
 * non-retryable end a stage; an outage of AWS is waited for until `policy.stageTimeoutMs`.
 *
 * `cancellationType` is written out everywhere: the SDK's default differs from its documentation
 * (sdk-typescript#2442).
 */
export function activityProxies(deployment: string, policy: Policy): ActivityProxies {
  const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  const retry = {
    initialInterval: policy.retryInitialMs,
    maximumInterval: policy.retryMaximumMs,
    backoffCoefficient: 2,
  };
  const short = {
    taskQueue: taskQueue(deployment, 'control'),
    startToCloseTimeout: policy.callTimeoutMs,
    cancellationType,
    retry,
  };
  const delivery = { ...short, taskQueue: taskQueue(deployment, 'delivery'), startToCloseTimeout: DELIVERY_TIMEOUT };
  return {
    compute: proxyActivities<Pick<ComputeJobActivities, 'submitJob' | 'stopJob' | 'confirmEnd'>>({
      ...short,
      scheduleToCloseTimeout: policy.stageTimeoutMs,
    }),
    watch: proxyActivities<Pick<ComputeJobActivities, 'watchJob'>>({
      taskQueue: taskQueue(deployment, 'watch'),
      // No attempt limit: every deploy of the workers ends one attempt. The job's own MaxRuntime ends the wait.
      startToCloseTimeout: policy.stageTimeoutMs,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
      cancellationType,
      retry: { ...retry, maximumInterval: '10 seconds' },
    }),
    photos: proxyActivities<PhotoActivities>({
      taskQueue: taskQueue(deployment, 'photos'),
      startToCloseTimeout: INTAKE_TIMEOUT,
      heartbeatTimeout: policy.heartbeatTimeoutMs,
      cancellationType,
      retry,
    }),
    artifacts: proxyActivities<ArtifactActivities>(short),
    runs: proxyActivities<WorkflowRunActivities>(short),
    mail: proxyActivities<MailActivities>({
      ...delivery,
      scheduleToCloseTimeout: policy.mailTimeoutMs,
      retry: { ...retry, maximumInterval: MAIL_PAUSE },
    }),
    webhooks: proxyActivities<WebhookActivities>({
      ...delivery,
      scheduleToCloseTimeout: policy.webhookTimeoutMs,
      retry: { ...retry, maximumInterval: WEBHOOK_PAUSE },
    }),
    deliveries: proxyActivities<DeliveryActivities>(delivery),
  };
}
