import { iso } from '../../contracts/job/view';
import { jobName } from '../../contracts/job/words';
import type { ScheduleDefinition } from '../../contracts/schedules/definition';
import type { ScheduleView } from '../../contracts/schedules/view-schema';
import { s3Uri } from '../../contracts/storage/location';
import { bounded } from '../../platform/bounded';
import { jobIdOfSchedule, randomJobId } from '../../platform/job-id';
import type { RecordStore } from '../../platform/record-store';
import { whoIs } from '../audit/who-is';
import type { CalibrationOf } from '../estimates/calibrations';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import type { ReadStart, StartRequest } from '../jobs/input-access';
import type { StartAnswer, StartJob } from '../jobs/start';
import { WrongTimesError, type JobSchedules, type KnownSchedule } from './job-schedules';

/** What a caller says of a schedule; `job` as a start request has it. */
export interface ScheduleDraft extends Omit<ScheduleDefinition, 'request' | 'setBy'> {
  readonly job: StartRequest;
}

/** Schedules of the caller's tenant. Every call throws Problem. */
export interface Schedules {
  create(caller: Caller, draft: ScheduleDraft): Promise<ScheduleView>;
  list(caller: Caller): Promise<readonly ScheduleView[]>;
  get(caller: Caller, scheduleId: string): Promise<ScheduleView>;
  change(caller: Caller, scheduleId: string, changes: Partial<ScheduleDraft>): Promise<ScheduleView>;
  setPaused(caller: Caller, scheduleId: string, isPaused: boolean): Promise<ScheduleView>;
  remove(caller: Caller, scheduleId: string): Promise<void>;
  /** Starts its job now, beside the times that it has. */
  runNow(caller: Caller, scheduleId: string): Promise<StartAnswer>;
  /** Pauses all of a tenant: nothing begins for one that is closed. */
  pauseAll(tenant: string): Promise<void>;
}

interface SchedulesDeps {
  readonly schedules: JobSchedules;
  readonly records: Pick<RecordStore, 'read'>;
  readonly read: ReadStart;
  readonly calibrationOf: CalibrationOf;
  readonly start: StartJob;
}

/** Most schedules of a tenant. */
const MAX_SCHEDULES = 100;
const CALLS_AT_ONCE = 8;
const ID_PATTERN = /^[a-z2-7]{12}$/;

export function createSchedules({ schedules, records, read, calibrationOf, start }: SchedulesDeps): Schedules {
  const find = async ({ tenant }: Caller, scheduleId: string): Promise<KnownSchedule> => {
    const found = ID_PATTERN.test(scheduleId) ? await reached('Temporal', schedules.find(scheduleId)) : null;
    if (found === null || found.tenant !== tenant)
      throw new Problem('SCHEDULE_NOT_FOUND', 'no schedule has this id; GET /v1/schedules lists them');
    return found;
  };

  const view = async (schedule: KnownSchedule): Promise<ScheduleView> => {
    const { scheduleId, definition, isPaused, nextMs, recentMs, createdAtMs } = schedule;
    const { request, name, cron, timeZone, everySeconds, overlap, onlyWhenChanged } = definition;
    const started = await Promise.all(
      recentMs.toReversed().map(async (atMs) => {
        const jobId = jobIdOfSchedule(scheduleId, atMs);
        const stored = await reached('The storage', records.read(jobId));
        return { scheduledAt: iso(atMs), jobId: stored === null ? null : jobId };
      }),
    );
    return {
      scheduleId,
      name: name ?? jobName(request),
      cron,
      timeZone,
      everySeconds,
      overlap,
      onlyWhenChanged,
      job: {
        name: jobName(request),
        input: s3Uri(request.location),
        preset: request.preset,
        priority: request.priority,
      },
      isPaused,
      nextStarts: isPaused ? [] : nextMs.map(iso),
      recent: started,
      createdAt: iso(createdAtMs),
    };
  };

  /** As machines are now: workers, which do not know the ledger, make the estimates of its jobs of that. */
  const calibrated = async (definition: ScheduleDefinition): Promise<ScheduleDefinition> => {
    const { tenant, preset } = definition.request;
    return { ...definition, calibration: await calibrationOf(tenant, preset) };
  };

  /** Throws where its photos may not come from there, as a start does. */
  const defined = async (caller: Caller, { job, ...draft }: ScheduleDraft): Promise<ScheduleDefinition> =>
    calibrated({ ...draft, request: (await read(caller, job)).asked, setBy: whoIs(caller) });

  const written = (writing: Promise<void>, { cron, timeZone }: ScheduleDefinition): Promise<void> =>
    reached(
      'Temporal',
      writing.catch((error: unknown) => {
        if (!(error instanceof WrongTimesError)) throw error;
        throw invalidRequest([
          { field: 'cron', message: `${JSON.stringify(cron)} in ${timeZone} are no times that can be computed` },
        ]);
      }),
    );

  return {
    async create(caller, draft) {
      const definition = await defined(caller, draft);
      if ((await reached('Temporal', schedules.idsOf(caller.tenant))).length >= MAX_SCHEDULES)
        throw new Problem('TOO_MANY_SCHEDULES', `there are ${MAX_SCHEDULES} already; delete some that are not needed`);
      const scheduleId = randomJobId();
      await written(schedules.create(scheduleId, caller.tenant, definition), definition);
      return view(await find(caller, scheduleId));
    },

    async list({ tenant }) {
      const ids = await reached('Temporal', schedules.idsOf(tenant));
      const inTurn = bounded(CALLS_AT_ONCE);
      const found = await Promise.all(
        ids.map((scheduleId) => inTurn(() => reached('Temporal', schedules.find(scheduleId)))),
      );
      const own = found.filter((schedule) => schedule !== null).filter((schedule) => schedule.tenant === tenant);
      own.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
      return Promise.all(own.map((schedule) => view({ ...schedule, recentMs: schedule.recentMs.slice(-1) })));
    },

    get: async (caller, scheduleId) => view(await find(caller, scheduleId)),

    async change(caller, scheduleId, { job, ...changes }) {
      const before = await find(caller, scheduleId);
      const request = job === undefined ? before.definition.request : (await read(caller, job)).asked;
      const definition = await calibrated({ ...before.definition, ...changes, request, setBy: whoIs(caller) });
      await written(schedules.update(before, definition), definition);
      return view(await find(caller, scheduleId));
    },

    async setPaused(caller, scheduleId, isPaused) {
      const schedule = await find(caller, scheduleId);
      const done = isPaused ? schedules.pause(scheduleId, 'paused through the API') : schedules.resume(scheduleId);
      await reached('Temporal', done);
      // Temporal takes it in a moment.
      return view({ ...(await find(caller, scheduleId).catch(() => schedule)), isPaused });
    },

    async remove(caller, scheduleId) {
      await find(caller, scheduleId);
      await reached('Temporal', schedules.remove(scheduleId));
    },

    async runNow(caller, scheduleId) {
      const { tenant, batch, ...request } = (await find(caller, scheduleId)).definition.request;
      return start(caller, request, null);
    },

    async pauseAll(tenant) {
      const inTurn = bounded(CALLS_AT_ONCE);
      const ids = await reached('Temporal', schedules.idsOf(tenant));
      await reached(
        'Temporal',
        Promise.all(ids.map((scheduleId) => inTurn(() => schedules.pause(scheduleId, 'the tenant was closed')))),
      );
    },
  };
}
