import { isDeepStrictEqual } from 'node:util';
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleOptionsAction,
} from '@temporalio/client';
import { taskQueue, upkeepScheduleId, WORKFLOW_TYPE } from '../contracts/job/temporal-names';
import type { Config } from '../platform/config';
import type { UpkeepInput } from '../workflows/upkeep/input';

/** After an outage of Temporal only a round that is this late is made up for: rounds that were missed add nothing. */
const CATCHUP_WINDOW = '1 minute';

/**
 * Creates the schedule of this deployment's upkeep, or brings it to this configuration; safe to repeat, and by several
 * workers at once. An operator's pause stays.
 *
 * One that is right already is not written again: Temporal takes updates in a while, and may lose a pause that was sent
 * in the meantime.
 */
export async function scheduleUpkeep(
  client: Client,
  config: Pick<Config, 'deployment' | 'policy' | 'retention'>,
): Promise<void> {
  const { deployment, policy, retention } = config;
  const input: UpkeepInput = { deployment, policy, retention };
  const scheduleId = upkeepScheduleId(deployment);
  const schedule = {
    spec: { intervals: [{ every: policy.upkeepIntervalMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPE.upkeep,
      workflowId: scheduleId,
      taskQueue: taskQueue(deployment, 'control'),
      args: [input],
      staticSummary: 'Machines that nobody waits for, records without an end, files whose time is over',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
  try {
    await client.schedule.create({ scheduleId, ...schedule });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const existing = client.schedule.getHandle(scheduleId);
    const isRight = isSame(await existing.describe(), policy.upkeepIntervalMs, schedule.action);
    if (!isRight) await existing.update(({ state }) => ({ ...schedule, state }));
  }
}

/** Whether a schedule does what the configuration says; whether it is paused is the operator's affair. */
function isSame(
  { spec, action: existing }: ScheduleDescription,
  everyMs: number,
  action: ScheduleOptionsAction,
): boolean {
  const told = ({ workflowType, taskQueue: queue, args, staticSummary }: ScheduleOptionsAction): unknown => [
    workflowType,
    queue,
    args,
    staticSummary,
  ];
  return spec.intervals?.[0]?.every === everyMs && isDeepStrictEqual(told(existing), told(action));
}
