import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { ScheduledJobActivities } from '../../activities/schedules/scheduled-jobs';
import { DEFAULT_POLICY } from '../../contracts/job/policy';
import type { ScheduledJobInput, ScheduledOutcome } from '../../contracts/schedules/definition';
import { shortCall } from '../activity-options';

/** Set by Temporal: the time that was due, however late it is. */
const scheduledKey = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/** Longest that a listing of many photos takes. */
const START_TIMEOUT = '10 minutes';

/**
 * One time of a schedule: starts a job like any other, unless the one before still works or the photos are the same. It
 * is short; what it returns is handed by Temporal to the next one.
 */
export async function scheduledJob(input: ScheduledJobInput): Promise<ScheduledOutcome> {
  const { typedSearchAttributes, startTime, lastResult } = workflowInfo();
  const scheduledAtMs = (typedSearchAttributes.get(scheduledKey) ?? startTime).getTime();
  const { startScheduled } = proxyActivities<ScheduledJobActivities>({
    ...shortCall(input.deployment, DEFAULT_POLICY),
    startToCloseTimeout: START_TIMEOUT,
  });
  return startScheduled({ ...input, scheduledAtMs, before: (lastResult ?? null) as ScheduledOutcome | null });
}
