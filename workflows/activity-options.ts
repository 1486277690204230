import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import type { Policy } from '../contracts/job/policy';
import { taskQueue } from '../contracts/job/temporal-names';

/**
 * Options of a short call on the queue `control`, which every other activity's options are made from. Retryable by
 * default: only codes thrown as non-retryable end a stage.
 *
 * `cancellationType` is written out: the SDK's default differs from its documentation (sdk-typescript#2442).
 */
export const shortCall = (deployment: string, policy: Policy) =>
  ({
    taskQueue: taskQueue(deployment, 'control'),
    startToCloseTimeout: policy.callTimeoutMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: policy.retryInitialMs,
      maximumInterval: policy.retryMaximumMs,
      backoffCoefficient: 2,
    },
  }) as const satisfies ActivityOptions;
