import { z } from 'zod';
import { JOB_VIEW } from '../job/view-schema';
import { list, object } from '../messages/read-only';
import { OVERLAPS } from './definition';

const time = z.iso.datetime();
const { preset, input, priority } = JOB_VIEW.unwrap().shape;

export const SCHEDULE_VIEW = object({
  scheduleId: z.string(),
  name: z.string().describe('As given, else that of its jobs'),
  cron: z.string().nullable(),
  timeZone: z.string().describe('Of `cron`'),
  everySeconds: z.int().nullable(),
  overlap: z.enum(OVERLAPS),
  onlyWhenChanged: z.boolean(),
  job: object({ name: z.string(), input, preset, priority }).describe('What it starts'),
  isPaused: z.boolean(),
  nextStarts: list(time).describe('The next times; none while it is paused'),
  recent: list(
    object({
      scheduledAt: time,
      jobId: z.string().nullable().describe('The job that was started then; null where none was'),
    }),
  ).describe('The last times that have come, the newest first; jobs of `run-now` are not among them'),
  createdAt: time,
}).meta({ id: 'Schedule', description: 'Starts a job again and again' });

export const SCHEDULE_LIST = object({ schedules: list(SCHEDULE_VIEW).describe('By id') }).meta({ id: 'ScheduleList' });

export type ScheduleView = z.infer<typeof SCHEDULE_VIEW>;
