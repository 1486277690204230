import type { ScheduleDefinition } from '../../../contracts/schedules/definition';
import { WrongTimesError, type JobSchedules, type KnownSchedule } from '../../../server/schedules/job-schedules';

/** Schedules in memory; nothing is ever started. */
export class MemorySchedules implements JobSchedules {
  readonly known = new Map<string, KnownSchedule>();

  async create(scheduleId: string, tenant: string, definition: ScheduleDefinition): Promise<void> {
    refuseImpossible(definition);
    const times = { isPaused: false, nextMs: [1_900_000_000_000], recentMs: [], createdAtMs: 1_800_000_000_000 };
    this.known.set(scheduleId, { scheduleId, tenant, definition, ...times });
  }
  async find(scheduleId: string): Promise<KnownSchedule | null> {
    return this.known.get(scheduleId) ?? null;
  }
  async idsOf(tenant: string): Promise<readonly string[]> {
    return [...this.known.values()].filter((one) => one.tenant === tenant).map(({ scheduleId }) => scheduleId);
  }
  async update(schedule: KnownSchedule, definition: ScheduleDefinition): Promise<void> {
    refuseImpossible(definition);
    this.known.set(schedule.scheduleId, { ...schedule, definition });
  }
  async pause(scheduleId: string): Promise<void> {
    this.set(scheduleId, true);
  }
  async resume(scheduleId: string): Promise<void> {
    this.set(scheduleId, false);
  }
  async remove(scheduleId: string): Promise<void> {
    this.known.delete(scheduleId);
  }

  private set(scheduleId: string, isPaused: boolean): void {
    const found = this.known.get(scheduleId);
    if (found !== undefined) this.known.set(scheduleId, { ...found, isPaused });
  }
}

/** As Temporal does of what has five fields and is no time. */
function refuseImpossible({ cron }: ScheduleDefinition): void {
  if (cron?.startsWith('99 ')) throw new WrongTimesError();
}
