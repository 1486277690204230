import yargs, { type Argv } from 'yargs';
import { parseLimits, type BudgetLimits } from '../contracts/job/budget';
import { SCOPES, type Scope } from '../contracts/access/scopes';
import { problemSentence } from '../contracts/messages/parsed';
import { DEFAULT_PRESET, PRESETS, type PresetName } from '../contracts/stages/presets';
import { STAGES } from '../contracts/stages/stage';
import { LOCAL_EMAIL, type Command, type JobChoice, type OfAJob, type ServerChoice } from './command';

/** The command line cannot be understood; `message` says what is wrong with it. */
export class UsageError extends Error {}

/** Quick enough to watch, without a GPU. */
const DEMO_PRESET: PresetName = 'preview';

/** Throws UsageError. */
export function parseCommandLine(args: readonly string[]): Command {
  let taken: Command | undefined;
  let help = '';
  const program = commandLine((command) => (taken = command));
  program.parseSync([...args], {}, (_error, _argv, output) => void (help = output));
  return taken ?? { name: 'help', text: help };
}

/** Prints the script for a shell's completion, or what a shell asks for: `args` of `completion`, as yargs knows them. */
export const complete = async (args: readonly string[]): Promise<void> =>
  void (await commandLine(() => undefined).parseAsync([...args]));

export const isForCompletion = (args: readonly string[]): boolean =>
  args[0] === 'completion' || args.includes('--get-yargs-completions');

/** What yargs says otherwise; some it has by number. Its types know strings alone. */
const WORDS = {
  'Invalid values:': ' ',
  'Argument: %s, Given: %s, Choices: %s': '--%s is %s, and must be one of %s',
  'Not enough arguments following: %s': '--%s needs a value',
  ...byNumber('Not enough non-option arguments: got %s, need at least %s', 'an argument is missing'),
  ...byNumber('Unknown argument: %s', 'there is no command, option or argument "%s" here'),
} as Record<string, string>;

function byNumber(key: string, said: string): Readonly<Record<string, unknown>> {
  return { [key]: { one: said, other: said } };
}

type Take = (command: Command) => void;

function commandLine(take: Take): Argv {
  const program = yargs()
    .scriptName('spaceport')
    .usage('$0 COMMAND')
    .parserConfiguration({ 'parse-positional-numbers': false, 'duplicate-arguments-array': false })
    .completion('completion', 'Print a script that completes commands in bash or zsh')
    .version(false)
    .updateStrings(WORDS)
    .wrap(110)
    .exitProcess(false)
    .strict()
    .demandCommand(1, 1, 'a command is needed')
    .fail((message, error) => {
      throw error instanceof UsageError ? error : new UsageError(oneLine(message || error.message));
    });
  for (const add of [localCommands, jobCommands, messageCommands, accountCommands]) add(program, take);
  return program;
}

function localCommands(program: Argv, take: Take): void {
  program
    .command(
      'demo',
      'Photos to a splat, on this machine',
      (demo) =>
        withJob(demo, DEMO_PRESET)
          .option('photos', { type: 'string', requiresArg: true, describe: 'Folder or archive; rendered ones without' })
          .option('exit', { type: 'boolean', describe: 'End when the job has ended' })
          .option('json', JSON_OUTPUT),
      ({ photos, exit, json, ...job }) =>
        take({
          name: 'demo',
          photos: photos ?? null,
          ...jobChoice(job),
          email: job.email ?? LOCAL_EMAIL,
          exit: exit === true,
          json: json === true,
        }),
    )
    .command('up', 'Run the local stack without a job', {}, () => take({ name: 'up' }))
    .command(
      'upload <photos>',
      'Photos into the bucket of the local stack',
      (upload) => upload.positional('photos', { type: 'string', demandOption: true, describe: 'Folder or archive' }),
      ({ photos }) => take({ name: 'upload', photos }),
    )
    .command(
      'reindex',
      'Rebuild the database of the local stack from its S3',
      (reindex) => reindex.option('json', JSON_OUTPUT),
      ({ json }) => take({ name: 'reindex', json: json === true }),
    );
}

function jobCommands(program: Argv, take: Take): void {
  program
    .command(
      'run <source>',
      'Photos to a splat, on a server: send, start, follow, save',
      (run) =>
        withServer(withJob(run, DEFAULT_PRESET))
          .positional('source', { type: 'string', demandOption: true, describe: 'Folder, archive, or s3:// address' })
          .option('name', { type: 'string', requiresArg: true, describe: 'What the job is called' })
          .option('options', {
            type: 'string',
            requiresArg: true,
            describe: 'Of GET /v1/options, such as maxIterations=2000,imageSize=800',
          })
          .option('follow', { type: 'boolean', default: true, describe: 'Wait for the end; --no-follow does not' })
          .option('output', { type: 'string', requiresArg: true, default: '.', describe: 'Folder for the result' })
          .option('save', { type: 'boolean', default: true, describe: 'Save the result; --no-save does not' })
          .option('json', JSON_OUTPUT),
      ({ source, name, options, follow, output, save, json, ...rest }) =>
        take({
          name: 'run',
          source,
          jobName: name ?? null,
          options: numbersOf(options),
          follow,
          output: save ? output : null,
          json: json === true,
          ...jobChoice(rest),
          ...serverChoice(rest),
        }),
    )
    .command(
      'estimate <source>',
      'What a job would take and cost',
      (estimate) =>
        withServer(estimate)
          .positional('source', {
            type: 'string',
            demandOption: true,
            describe: 'A number of photos, a folder, or an s3:// address',
          })
          .option('preset', { choices: PRESETS, default: DEFAULT_PRESET, requiresArg: true })
          .option('json', JSON_OUTPUT),
      ({ source, preset, json, ...rest }) =>
        take({ name: 'estimate', source, preset, json: json === true, ...serverChoice(rest) }),
    )
    .command(
      'jobs',
      'The newest jobs',
      (jobs) => withServer(jobs).option('json', JSON_OUTPUT),
      ({ json, ...rest }) => take({ name: 'jobs', json: json === true, ...serverChoice(rest) }),
    )
    .command(
      'job <id>',
      'How a job stands, and what it made',
      (job) =>
        withJobId(job)
          .option('follow', { type: 'boolean', describe: 'Wait for the end, and tell what happens' })
          .option('json', JSON_OUTPUT),
      ({ follow, json, ...rest }) =>
        take({ name: 'job', ...ofAJob(rest), follow: follow === true, json: json === true }),
    )
    .command(
      'logs <id>',
      'What a program of a job prints',
      (logs) =>
        withJobId(logs)
          .option('stage', { choices: STAGES, requiresArg: true, describe: 'That of the newest attempt without' })
          .option('attempt', { type: 'number', requiresArg: true, describe: 'The newest without' })
          .option('follow', { alias: 'f', type: 'boolean', describe: 'Go on until the program ends' })
          .option('json', JSON_OUTPUT),
      ({ stage, attempt, follow, json, ...rest }) =>
        take({
          name: 'logs',
          ...ofAJob(rest),
          stage: stage ?? null,
          attempt: attempt ?? null,
          follow: follow === true,
          json: json === true,
        }),
    )
    .command(
      'download <id>',
      'Save the result of a job',
      (download) =>
        withJobId(download).option('output', { type: 'string', requiresArg: true, default: '.', describe: 'Folder' }),
      ({ output, ...rest }) => take({ name: 'download', ...ofAJob(rest), output }),
    )
    .command(
      'batch <file>',
      'Start several photo sets; the file is the JSON body of POST /v1/batches',
      (batch) =>
        withServer(batch).positional('file', { type: 'string', demandOption: true }).option('json', JSON_OUTPUT),
      ({ file, json, ...rest }) => take({ name: 'batch', file, json: json === true, ...serverChoice(rest) }),
    );
}

function messageCommands(program: Argv, take: Take): void {
  program
    .command(
      'cancel <id>',
      'Cancel a job',
      (cancel) => withJobId(cancel).option('reason', { type: 'string', requiresArg: true, describe: 'For its record' }),
      ({ reason, ...rest }) => take({ name: 'cancel', ...ofAJob(rest), reason: reason ?? null }),
    )
    .command(
      'retry <id>',
      'Run again after a failure or a cancel',
      (retry) =>
        withLimits(withJobId(retry)).option('from', {
          choices: STAGES,
          requiresArg: true,
          describe: 'Stage to begin at',
        }),
      ({ from, ...rest }) => take({ name: 'retry', ...ofAJob(rest), fromStage: from ?? null, limits: limits(rest) }),
    );
  const others = {
    accept: 'Continue with a result that the job asks about',
    pause: 'Wait before the next stage',
    resume: 'Continue after a pause',
    delete: 'Erase an ended job: photos, results, address',
  } as const;
  for (const name of Object.keys(others) as (keyof typeof others)[])
    program.command(`${name} <id>`, others[name], withJobId, (rest) => take({ name, ...ofAJob(rest) }));
}

function accountCommands(program: Argv, take: Take): void {
  program
    .command(
      'usage',
      'Jobs, machine hours and USD by day, preset and stage',
      (usage) =>
        withServer(usage)
          .option('from', { type: 'string', requiresArg: true, describe: 'First day, such as 2026-11-01' })
          .option('to', { type: 'string', requiresArg: true, describe: 'Last day' })
          .option('csv', { type: 'boolean', conflicts: 'json' })
          .option('json', JSON_OUTPUT),
      ({ from, to, csv, json, ...rest }) =>
        take({
          name: 'usage',
          from: from ?? null,
          to: to ?? null,
          format: json === true ? 'json' : csv === true ? 'csv' : 'words',
          ...serverChoice(rest),
        }),
    )
    .command('keys', 'API keys: list, create, revoke', (keys) =>
      keys
        .command(
          ['list', '$0'],
          'The keys of the tenant',
          (list) => withServer(list).option('json', JSON_OUTPUT),
          ({ json, ...rest }) => take({ name: 'keys', what: 'list', json: json === true, ...serverChoice(rest) }),
        )
        .command(
          'create <name>',
          'Make a key, which is shown once',
          (create) =>
            withServer(create)
              .positional('name', { type: 'string', demandOption: true, describe: 'What it is for' })
              .option('scopes', { type: 'string', requiresArg: true, default: 'read', describe: SCOPES.join(',') })
              .option('expires', { type: 'string', requiresArg: true, describe: 'Such as 2027-01-31T12:00:00Z' })
              .option('json', JSON_OUTPUT),
          ({ name, scopes, expires, json, ...rest }) =>
            take({
              name: 'keys',
              what: 'create',
              keyName: name,
              scopes: scopesOf(scopes),
              expires: expires ?? null,
              json: json === true,
              ...serverChoice(rest),
            }),
        )
        .command(
          'revoke <id>',
          'End a key',
          (revoke) =>
            withServer(revoke).positional('id', { type: 'string', demandOption: true }).option('json', JSON_OUTPUT),
          ({ id, json, ...rest }) =>
            take({ name: 'keys', what: 'revoke', keyId: id, json: json === true, ...serverChoice(rest) }),
        ),
    );
}

const JSON_OUTPUT = { type: 'boolean', describe: 'For programs, on stdout' } as const;

const withServer = <T>(command: Argv<T>) =>
  command
    .option('server', { type: 'string', requiresArg: true, describe: 'Address; or SPACEPORT_SERVER' })
    .option('profile', { type: 'string', requiresArg: true, describe: 'Name in profiles.json; or SPACEPORT_PROFILE' });

const withJobId = <T>(command: Argv<T>) =>
  withServer(command).positional('id', { type: 'string', demandOption: true, describe: 'Id of the job' });

const withLimits = <T>(command: Argv<T>) =>
  command
    .option('budget-usd', { type: 'string', requiresArg: true, describe: 'Most that the job may cost' })
    .option('max-hours', { type: 'string', requiresArg: true, describe: 'Most hours of machines' });

const withJob = <T>(command: Argv<T>, preset: PresetName) =>
  withLimits(command)
    .option('preset', { choices: PRESETS, default: preset, requiresArg: true })
    .option('email', { type: 'string', requiresArg: true, describe: 'Who is told of the end' });

interface Limits {
  readonly budgetUsd?: string | undefined;
  readonly maxHours?: string | undefined;
}

interface Server {
  readonly server?: string | undefined;
  readonly profile?: string | undefined;
}

const serverChoice = ({ server, profile }: Server): ServerChoice => ({
  server: serverAddress('--server', server),
  profile: profile ?? null,
});

const ofAJob = ({ id, ...rest }: Server & { readonly id: string }): OfAJob => ({ jobId: id, ...serverChoice(rest) });

const jobChoice = (
  given: Limits & { readonly preset: PresetName; readonly email?: string | undefined },
): JobChoice => ({
  preset: given.preset,
  email: given.email ?? null,
  limits: limits(given),
});

/**
 * The address of a server as an option or a variable gives it; null where it is not given. Throws UsageError that names
 * where it came from.
 */
export function serverAddress(from: string, given: string | undefined): string | null {
  if (given === undefined || given === '') return null;
  // Not repeated: there may be a password in it.
  if (!/^https?:\/\/[^/?#]/i.test(given) || !URL.canParse(given))
    throw new UsageError(
      `${from} must be an address such as http://127.0.0.1:3000; in user name and password write / as %2F, # as %23`,
    );
  return given.replace(/\/+$/, '');
}

function limits({ budgetUsd, maxHours }: Limits): BudgetLimits {
  const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text || NaN));
  const parsed = parseLimits({ budgetUsd: number(budgetUsd), maxHours: number(maxHours) });
  if (parsed.ok) return parsed.value;
  throw new UsageError(
    problemSentence(
      parsed.problems.map((problem) => ({
        ...problem,
        field: problem.field === 'budgetUsd' ? '--budget-usd' : '--max-hours',
      })),
    ),
  );
}

/** Which options there are, and their ranges, the server knows. */
const numbersOf = (given = ''): Readonly<Record<string, number>> =>
  Object.fromEntries(
    listOf(given).map((text) => {
      const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || !Number.isFinite(Number(value)))
        throw new UsageError(`--options must be NAME=NUMBER,NAME=NUMBER, not "${text}"`);
      return [name, Number(value)];
    }),
  );

function scopesOf(given: string): readonly Scope[] {
  const scopes = listOf(given);
  const unknown = scopes.find((scope) => !SCOPES.some((known) => known === scope));
  if (scopes.length === 0 || unknown !== undefined)
    throw new UsageError(`--scopes must be some of ${SCOPES.join(',')}, with commas between`);
  return scopes as readonly Scope[];
}

const listOf = (text: string): readonly string[] => text.split(',').filter((part) => part !== '');
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
