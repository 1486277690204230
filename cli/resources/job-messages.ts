import type { Argv } from 'yargs';
import { formatTime } from '../../contracts/job/formats';
import { STAGES } from '../../contracts/stages/stage';
import type { Said, Take } from '../command';
import type { MessageAnswer, SpaceportApi } from '../server/spaceport-api';
import { numbersOf, OPTIONS, terms, withTerms } from '../syntax/options';
import { asked, asks, count, given, positional, text, time } from '../syntax/request';

const ofAJob = <T>(command: Argv<T>) => asked(command).positional('id', { ...positional, describe: 'Id of the job' });

/** What a person may tell a job, as the buttons of its page do. */
export const jobMessageCommands = (program: Argv, take: Take): Argv =>
  settingsCommand(plainMessages(program, take), take)
    .command(
      'cancel <id>',
      'Cancel a job',
      (cancel) => ofAJob(cancel).option('reason', { ...text, describe: 'For its record' }),
      asks(take, async ({ id, reason }, _routes, { api }) => told(id, await api.cancel(id, reason))),
    )
    .command(
      'retry <id>',
      'Run again after a failure or a cancel; of a finished job: --from compression --options orthophoto=1',
      (retry) =>
        withTerms(ofAJob(retry))
          .option('from', { choices: STAGES, requiresArg: true, describe: 'A stage' })
          .option('options', OPTIONS),
      // Read at once: what is wrong with a limit is said before a server is asked.
      (retry) => {
        const options = numbersOf(retry.options);
        const given = { ...terms(retry), ...(Object.keys(options).length > 0 && { options }) };
        asks(take, async ({ id, from }: typeof retry, _routes, { api }) =>
          told(id, await api.retry(id, from ?? null, given)),
        )(retry);
      },
    )
    .command(
      'delete <id>',
      'Erase an ended job: photos, results, address',
      ofAJob,
      asks(take, async ({ id }, _routes, { api }) => {
        const remains = await api.erase(id);
        return { answer: { jobId: id, remains }, words: `Job ${id} is being erased. What remains: ${remains}.` };
      }),
    );

/** A message without a body, and how it is told where it is more than the state. */
type PlainMessage = 'accept' | 'pause' | 'resume';

const PLAIN: Readonly<Record<PlainMessage, { readonly title: string; readonly told?: string }>> = {
  accept: { title: 'Continue with a result that the job asks about' },
  pause: { title: 'Wait before the next stage', told: 'pauses before the next stage' },
  resume: { title: 'Continue after a pause' },
};

function plainMessages(program: Argv, take: Take): Argv {
  for (const name of Object.keys(PLAIN) as PlainMessage[])
    program.command(
      `${name} <id>`,
      PLAIN[name].title,
      ofAJob,
      asks(take, async ({ id }, _routes, { api }) => told(id, await api[name](id), PLAIN[name].told)),
    );
  return program;
}

const settingsCommand = (program: Argv, take: Take): Argv =>
  program.command(
    'change <id>',
    'Name a job, change whose work is taken first, or when it begins',
    (change) =>
      ofAJob(change)
        .option('name', text)
        .option('priority', { ...count, describe: '1 before 5' })
        .option('start-at', { ...time, describe: `${time.describe}, or "now", until the job has begun` }),
    asks(take, async ({ id, name, priority, startAt }, _routes, { api }) => {
      const at = startAt === 'now' ? null : startAt;
      const answer = await api.change(id, given({ name, priority, startAt: at }));
      const isMade = 'name' in answer;
      return { answer, words: isMade ? changed(answer) : `Job ${id}: the change is made as soon as a worker answers.` };
    }),
  );

type Changed = Extract<Awaited<ReturnType<SpaceportApi['change']>>, { readonly name: string }>;

const changed = ({ jobId, name, priority, startAt }: Changed): string =>
  `Job ${jobId} is called ${name}, with priority ${priority}${startAt === null ? '' : `, and begins at ${formatTime(startAt)}`}.`;

const told = (jobId: string, answer: MessageAnswer, what = `is ${answer.state}`): Said => ({
  answer,
  words: `Job ${jobId} ${what}${answer.note === null ? '' : ` (${answer.note})`}.`,
});
