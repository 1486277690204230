import type { ScheduleDefinition } from '../../contracts/schedules/definition';

/** A schedule as Temporal, which keeps it, tells it. */
export interface KnownSchedule {
  readonly scheduleId: string;
  readonly tenant: string;
  readonly definition: ScheduleDefinition;
  readonly isPaused: boolean;
  readonly nextMs: readonly number[];
  /** The last times that have come, the oldest first. */
  readonly recentMs: readonly number[];
  readonly createdAtMs: number;
}

/** What the server asks of Temporal about schedules. Every call throws when Temporal does not answer. */
export interface JobSchedules {
  /** Throws WrongTimesError where Temporal cannot read its times. */
  create(scheduleId: string, tenant: string, definition: ScheduleDefinition): Promise<void>;
  /** Null when there is none, of any tenant. */
  find(scheduleId: string): Promise<KnownSchedule | null>;
  /** Ids of a tenant's schedules; one that was made a second ago may be missing. */
  idsOf(tenant: string): Promise<readonly string[]>;
  /** Takes another definition's place. Throws WrongTimesError. */
  update(schedule: KnownSchedule, definition: ScheduleDefinition): Promise<void>;
  pause(scheduleId: string, why: string): Promise<void>;
  resume(scheduleId: string): Promise<void>;
  remove(scheduleId: string): Promise<void>;
}

/** Temporal cannot read a cron expression or a time zone. */
export class WrongTimesError extends Error {}
