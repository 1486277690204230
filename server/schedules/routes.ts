import { z } from 'zod';
import { STARTED_JOB } from '../../contracts/job/view-schema';
import { OVERLAPS } from '../../contracts/schedules/definition';
import { SCHEDULE_LIST, SCHEDULE_VIEW } from '../../contracts/schedules/view-schema';
import type { WebhookRules } from '../../contracts/messages/webhook-url';
import type { ProblemCode } from '../http/problem';
import { NO_BODY, strictBody } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import { jobNameSchema, startJobSchema } from '../jobs/schemas';
import type { Schedules } from './schedules';

const TAG = 'Schedules';
const PARAMS = z.object({ scheduleId: z.string() });
const MAX_EVERY_SECONDS = 366 * 24 * 3600;
const MIN_EVERY_SECONDS = 300;

const OF_A_SCHEDULE = ['SCHEDULE_NOT_FOUND'] as const satisfies readonly ProblemCode[];
const OF_INPUTS = ['INVALID_S3_URL', 'BUCKET_NOT_ALLOWED', 'INPUT_FORBIDDEN'] as const satisfies readonly ProblemCode[];

const cronError = 'must be five fields (minute, hour, day, month, weekday), such as "0 6 * * 1"';
const cron = z
  .string({ error: cronError })
  .max(200, cronError)
  .regex(/^[\dA-Za-z*,/-]+( [\dA-Za-z*,/?-]+){4}$/, cronError)
  .describe('Minute, hour, day, month and weekday, in `timeZone`');
const timeZone = z
  .string()
  .max(60)
  .refine(isTimeZone, 'must be a time zone of the tz database, such as Europe/Berlin')
  .describe('Of `cron`, by the tz database; UTC unless given');
const everySeconds = z
  .int()
  .min(MIN_EVERY_SECONDS)
  .max(MAX_EVERY_SECONDS)
  .describe('In place of `cron`: counted from 1970 on');
const overlap = z
  .enum(OVERLAPS)
  .describe('`skip`: no job is started while the one before, also a parked one, has not ended');
const onlyWhenChanged = z
  .boolean()
  .describe('Starts a job only where the photos have changed since the one before was started');

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** A start request whose photos lie at a place: an upload is never added to. */
const jobSchema = (webhooks: WebhookRules) =>
  startJobSchema(webhooks)
    .superRefine((request, context) => {
      if ('uploadId' in request)
        context.addIssue({ code: 'custom', path: ['uploadId'], message: 'cannot be repeated; name an s3Url' });
      if (request.startAtMs !== null)
        context.addIssue({ code: 'custom', path: ['startAt'], message: 'must be left out: the schedule says when' });
    })
    .describe('As `POST /v1/jobs` takes it, with an `s3Url` and without `startAt`');

const eitherOr = 'cron or everySeconds is needed, and not both';

const draftSchema = (webhooks: WebhookRules) =>
  strictBody({
    name: jobNameSchema.nullable().default(null),
    cron: cron.nullable().default(null),
    timeZone: timeZone.default('UTC'),
    everySeconds: everySeconds.nullable().default(null),
    overlap: overlap.default('skip'),
    onlyWhenChanged: onlyWhenChanged.default(false),
    job: jobSchema(webhooks),
  }).refine((draft) => (draft.cron === null) !== (draft.everySeconds === null), { path: ['cron'], error: eitherOr });

/** Either way of saying when takes the other's place. */
const changesSchema = (webhooks: WebhookRules) =>
  strictBody({
    name: jobNameSchema.nullable().exactOptional(),
    cron: cron.exactOptional(),
    timeZone: timeZone.exactOptional(),
    everySeconds: everySeconds.exactOptional(),
    overlap: overlap.exactOptional(),
    onlyWhenChanged: onlyWhenChanged.exactOptional(),
    job: jobSchema(webhooks).exactOptional(),
  })
    .refine((draft) => draft.cron === undefined || draft.everySeconds === undefined, {
      path: ['cron'],
      error: eitherOr,
    })
    .transform((changes) => ({
      ...changes,
      ...(changes.cron !== undefined && { everySeconds: null }),
      ...(changes.everySeconds !== undefined && { cron: null }),
    }));

const EXAMPLE = {
  name: 'Quarry, every Monday',
  cron: '0 6 * * 1',
  timeZone: 'Europe/Berlin',
  onlyWhenChanged: true,
  job: { s3Url: 's3://photos/quarry/', email: 'pilot@example.com' },
};

/** Jobs that are started again and again. */
export function scheduleRoutes(schedules: Schedules, webhooks: WebhookRules): Route[] {
  const location = { Location: 'Address of the schedule' };
  const setPaused = (isPaused: boolean) =>
    route(
      {
        method: 'post',
        path: `/v1/schedules/{scheduleId}/${isPaused ? 'pause' : 'resume'}`,
        operation: isPaused ? 'pauseSchedule' : 'resumeSchedule',
        tag: TAG,
        summary: isPaused ? 'Pause a schedule; jobs that it has started go on' : 'Resume a paused schedule',
        scope: 'write',
        params: PARAMS,
        body: NO_BODY,
        answers: { 200: { description: 'The schedule', schema: SCHEDULE_VIEW } },
        problems: OF_A_SCHEDULE,
      },
      async ({ caller, params }) => ({
        status: 200,
        body: await schedules.setPaused(caller, params.scheduleId, isPaused),
      }),
    );
  return [
    route(
      {
        method: 'post',
        path: '/v1/schedules',
        operation: 'createSchedule',
        tag: TAG,
        summary: 'Start a job again and again',
        scope: 'write',
        body: draftSchema(webhooks),
        example: EXAMPLE,
        idempotent: { secrets: [] },
        answers: { 201: { description: 'The schedule', schema: SCHEDULE_VIEW, headers: location } },
        problems: [...OF_INPUTS, 'TOO_MANY_SCHEDULES'],
      },
      async ({ caller, body }) => {
        const made = await schedules.create(caller, body);
        return { status: 201, body: made, headers: { Location: `/v1/schedules/${made.scheduleId}` } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/schedules',
        operation: 'listSchedules',
        tag: TAG,
        summary: 'Schedules, with the last time of each',
        description: 'One that was made a second ago may be missing.',
        scope: 'read',
        answers: { 200: { description: 'All of them', schema: SCHEDULE_LIST } },
      },
      async ({ caller }) => ({ status: 200, body: { schedules: await schedules.list(caller) } }),
    ),
    route(
      {
        method: 'get',
        path: '/v1/schedules/{scheduleId}',
        operation: 'getSchedule',
        tag: TAG,
        summary: 'A schedule',
        scope: 'read',
        params: PARAMS,
        answers: { 200: { description: 'The schedule', schema: SCHEDULE_VIEW } },
        problems: OF_A_SCHEDULE,
      },
      async ({ caller, params }) => ({ status: 200, body: await schedules.get(caller, params.scheduleId) }),
    ),
    route(
      {
        method: 'patch',
        path: '/v1/schedules/{scheduleId}',
        operation: 'changeSchedule',
        tag: TAG,
        summary: 'Change when a schedule starts jobs, and which',
        description: 'What is left out stays; `job` is replaced as a whole. Jobs that it has started are not touched.',
        scope: 'write',
        params: PARAMS,
        body: changesSchema(webhooks),
        example: { cron: '0 6 * * 1-5' },
        answers: { 200: { description: 'The schedule', schema: SCHEDULE_VIEW } },
        problems: [...OF_A_SCHEDULE, ...OF_INPUTS],
      },
      async ({ caller, params, body }) => ({
        status: 200,
        body: await schedules.change(caller, params.scheduleId, body),
      }),
    ),
    route(
      {
        method: 'delete',
        path: '/v1/schedules/{scheduleId}',
        operation: 'deleteSchedule',
        tag: TAG,
        summary: 'Delete a schedule; jobs that it has started go on',
        scope: 'write',
        params: PARAMS,
        body: NO_BODY,
        answers: { 204: { description: 'It is gone' } },
        problems: OF_A_SCHEDULE,
      },
      async ({ caller, params }) => {
        await schedules.remove(caller, params.scheduleId);
        return { status: 204 };
      },
    ),
    setPaused(true),
    setPaused(false),
    route(
      {
        method: 'post',
        path: '/v1/schedules/{scheduleId}/run-now',
        operation: 'runSchedule',
        tag: TAG,
        summary: 'Start the job of a schedule now, beside its times',
        description: 'Also of a paused one, and whatever it says of overlaps and changes.',
        scope: 'write',
        params: PARAMS,
        body: NO_BODY,
        idempotent: { secrets: [] },
        answers: { 202: { description: 'The job has started', schema: STARTED_JOB, headers: location } },
        problems: [...OF_A_SCHEDULE, ...OF_INPUTS],
      },
      async ({ caller, params }) => {
        const { job } = await schedules.runNow(caller, params.scheduleId);
        return { status: 202, body: job, headers: { Location: job.statusUrl } };
      },
    ),
  ];
}
