import type { Argv } from 'yargs';
import type { components } from '../../contracts/generated/api';
import { formatTime } from '../../contracts/job/formats';
import { inOneLine } from '../../contracts/job/words';
import { OVERLAPS } from '../../contracts/schedules/definition';
import { DEFAULT_PRESET } from '../../contracts/stages/presets';
import type { Said, Take } from '../command';
import { jobRequest } from '../commands/job-request';
import { answered } from '../server/spaceport-api';
import { jobChoice, numbersOf, OPTIONS, withJob } from '../syntax/options';
import { columns } from '../text/columns';
import { asked, asks, count, given, positional, text } from '../syntax/request';

type Schedule = components['schemas']['Schedule'];

const withTimes = <T>(command: Argv<T>) =>
  asked(command)
    .option('cron', { ...text, describe: 'Minute, hour, day, month, weekday, such as "0 6 * * 1"' })
    .option('time-zone', { ...text, describe: 'Of --cron, such as Europe/Berlin; UTC without' })
    .option('every-seconds', { ...count, describe: 'In place of --cron' })
    .option('overlap', { choices: OVERLAPS, requiresArg: true, describe: 'While the job before has not ended' })
    .option('only-when-changed', { type: 'boolean', describe: 'Only where photos have changed' })
    .option('name', { ...text, describe: 'What the schedule is called' });

const ofASchedule = <T>(command: Argv<T>) =>
  asked(command).positional('id', { ...positional, describe: 'Id of the schedule' });
const schedule = (scheduleId: string) => ({ params: { path: { scheduleId } } });

/** Jobs that are started again and again. */
export const scheduleCommands = (program: Argv, take: Take): Argv =>
  program.command('schedules', 'Start a job again and again: list, create, change, pause, run-now', (schedules) =>
    messages(definitions(schedules, take), take),
  );

const definitions = (schedules: Argv, take: Take): Argv =>
  schedules
    .command(
      ['list', '$0'],
      'The schedules, with their next and last times',
      asked,
      asks(take, async (_given, routes) => {
        const { schedules: answer } = await answered(routes.GET('/v1/schedules'));
        return { answer, words: answer.length === 0 ? 'No schedules yet.' : scheduleList(answer) };
      }),
    )
    .command(
      'show <id>',
      'A schedule',
      ofASchedule,
      asks(take, async ({ id }, routes) => one(await answered(routes.GET('/v1/schedules/{scheduleId}', schedule(id))))),
    )
    .command(
      'create <source>',
      'Start a job of the photos at an s3:// address at certain times',
      (create) =>
        withTimes(withJob(create, DEFAULT_PRESET))
          .positional('source', { ...positional, describe: 's3:// address' })
          .option('options', OPTIONS),
      asks(take, async ({ source, options, ...times }, routes, { email }) => {
        const described = { ...jobChoice(times), options: numbersOf(options), jobName: null };
        const job = { s3Url: source, ...jobRequest(described, email) };
        return one(await answered(routes.POST('/v1/schedules', { body: { ...definition(times), job } })));
      }),
    )
    .command(
      'change <id>',
      'Change when a schedule starts jobs',
      (change) => withTimes(change).positional('id', positional),
      asks(take, async ({ id, ...times }, routes) => {
        const body = definition(times);
        return one(await answered(routes.PATCH('/v1/schedules/{scheduleId}', { ...schedule(id), body })));
      }),
    )
    .command(
      'delete <id>',
      'Delete a schedule; jobs that it has started go on',
      ofASchedule,
      asks(take, async ({ id }, routes) => {
        await answered(routes.DELETE('/v1/schedules/{scheduleId}', { ...schedule(id), body: {} }));
        return { answer: { scheduleId: id, deleted: true }, words: `Schedule ${id} is gone.` };
      }),
    );

const messages = (schedules: Argv, take: Take): Argv =>
  schedules
    .command(
      'pause <id>',
      'Start no jobs for now',
      ofASchedule,
      asks(take, async ({ id }, routes) =>
        one(await answered(routes.POST('/v1/schedules/{scheduleId}/pause', { ...schedule(id), body: {} }))),
      ),
    )
    .command(
      'resume <id>',
      'Start jobs again',
      ofASchedule,
      asks(take, async ({ id }, routes) =>
        one(await answered(routes.POST('/v1/schedules/{scheduleId}/resume', { ...schedule(id), body: {} }))),
      ),
    )
    .command(
      'run-now <id>',
      'Start the job of a schedule now, beside its times',
      ofASchedule,
      asks(take, async ({ id }, routes) => {
        const request = { ...schedule(id), body: {} };
        const answer = await answered(routes.POST('/v1/schedules/{scheduleId}/run-now', request));
        return { answer, words: `Job ${answer.jobId} has started: ${answer.pageUrl}` };
      }),
    );

interface Times {
  readonly name?: string | undefined;
  readonly cron?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly everySeconds?: number | undefined;
  readonly overlap?: (typeof OVERLAPS)[number] | undefined;
  readonly onlyWhenChanged?: boolean | undefined;
}

const definition = ({ name, cron, timeZone, everySeconds, overlap, onlyWhenChanged }: Times) =>
  given({ name, cron, timeZone, everySeconds, overlap, onlyWhenChanged });

const one = (answer: Schedule): Said => ({ answer, words: scheduleList([answer]) });

const scheduleList = (schedules: readonly Schedule[]): string =>
  columns([
    ['ID', 'NAME', 'WHEN', 'NEXT', 'LAST BY TIME', 'PHOTOS'],
    ...schedules.map(({ scheduleId, name, cron, timeZone, everySeconds, isPaused, nextStarts, recent, job }) => [
      scheduleId,
      inOneLine(name),
      cron === null ? `every ${everySeconds} s` : `${cron} ${timeZone}`,
      isPaused ? 'paused' : nextStarts[0] === undefined ? '-' : formatTime(nextStarts[0]),
      recent.find(({ jobId }) => jobId !== null)?.jobId ?? '-',
      inOneLine(job.input),
    ]),
  ]);
