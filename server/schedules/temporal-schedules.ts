import {
  isGrpcServiceError,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { jobScheduleId, taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import type { ScheduledJobInput, ScheduleDefinition } from '../../contracts/schedules/definition';
import type { Config } from '../../platform/config';
import { tenantKey } from '../../platform/temporal-client';
import { WrongTimesError, type JobSchedules, type KnownSchedule } from './job-schedules';

/** After an outage of Temporal a time that is this late is made up for; what is later waits for the next one. */
const CATCHUP_WINDOW = '1 hour';
const INVALID_ARGUMENT = 3; // grpc.status

/** JobSchedules as schedules of Temporal, each of which starts the workflow `scheduledJob` at its times. */
export function createTemporalSchedules(client: Client, { deployment }: Pick<Config, 'deployment'>): JobSchedules {
  const idOf = (scheduleId: string): string => jobScheduleId(deployment, scheduleId);

  const whatAndWhen = (scheduleId: string, tenant: string, definition: ScheduleDefinition) => {
    const { cron, timeZone, everySeconds } = definition;
    const input: ScheduledJobInput = { deployment, tenant, scheduleId, definition };
    return {
      spec: {
        ...(cron !== null && { cronExpressions: [cron] }),
        ...(everySeconds !== null && { intervals: [{ every: everySeconds * 1000 }] }),
        timezone: timeZone,
      },
      action: {
        type: 'startWorkflow' as const,
        workflowType: WORKFLOW_TYPE.scheduledJob,
        workflowId: idOf(scheduleId),
        taskQueue: taskQueue(deployment, 'control'),
        args: [input],
        typedSearchAttributes: [{ key: tenantKey, value: tenant }],
      },
      // Whether jobs overlap is decided by the workflow: it has ended long before its job.
      policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: CATCHUP_WINDOW },
    } satisfies Omit<ScheduleOptions, 'scheduleId'>;
  };

  const readable = async (writing: Promise<unknown>): Promise<void> => {
    try {
      await writing;
    } catch (error) {
      throw isUnreadable(error) ? new WrongTimesError('Temporal cannot read these times', { cause: error }) : error;
    }
  };

  return {
    create: (scheduleId, tenant, definition) =>
      readable(
        client.schedule.create({
          scheduleId: idOf(scheduleId),
          ...whatAndWhen(scheduleId, tenant, definition),
          typedSearchAttributes: [{ key: tenantKey, value: tenant }],
        }),
      ),

    async find(scheduleId) {
      try {
        const { action, state, info } = await client.schedule.getHandle(idOf(scheduleId)).describe();
        const { tenant, definition } = (action.args as [ScheduledJobInput])[0];
        return {
          scheduleId,
          tenant,
          definition,
          isPaused: state.paused,
          nextMs: info.nextActionTimes.map((time) => time.getTime()),
          recentMs: info.recentActions.map(({ scheduledAt }) => scheduledAt.getTime()),
          createdAtMs: info.createdAt.getTime(),
        };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },

    async idsOf(tenant) {
      const ids: string[] = [];
      const prefix = idOf('');
      for await (const { scheduleId } of client.schedule.list({ query: `Tenant = '${tenant}'` }))
        if (scheduleId.startsWith(prefix)) ids.push(scheduleId.slice(prefix.length));
      return ids;
    },

    update: ({ scheduleId, tenant }: KnownSchedule, definition) =>
      readable(
        client.schedule
          .getHandle(idOf(scheduleId))
          .update(({ state }) => ({ ...whatAndWhen(scheduleId, tenant, definition), state })),
      ),

    pause: (scheduleId, why) => client.schedule.getHandle(idOf(scheduleId)).pause(why),
    resume: (scheduleId) => client.schedule.getHandle(idOf(scheduleId)).unpause(),
    remove: (scheduleId) => client.schedule.getHandle(idOf(scheduleId)).delete(),
  };
}

/** The client makes a TypeError of INVALID_ARGUMENT when a schedule is created, and wraps it when one is updated. */
function isUnreadable(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  const isInvalid = (each: unknown): boolean => isGrpcServiceError(each) && each.code === INVALID_ARGUMENT;
  return error instanceof TypeError || isInvalid(error) || isInvalid(cause);
}
