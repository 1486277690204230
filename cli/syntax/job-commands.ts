import type { Argv } from 'yargs';
import { DEFAULT_PRESET } from '../../contracts/stages/presets';
import { STAGES } from '../../contracts/stages/stage';
import type { Take } from '../command';
import {
  jobChoice,
  JSON_OUTPUT,
  numbersOf,
  ofAJob,
  OPTIONS,
  serverChoice,
  withJob,
  withJobId,
  withServer,
} from './options';

/** Commands that start and show jobs. */
export function jobCommands(program: Argv, take: Take): void {
  program
    .command(
      'run <source>',
      'Photos to a splat, on a server: send, start, follow, save',
      (run) =>
        withServer(withJob(run, DEFAULT_PRESET))
          .positional('source', { type: 'string', demandOption: true, describe: 'Folder, archive, or s3:// address' })
          .option('name', { type: 'string', requiresArg: true, describe: 'What the job is called' })
          .option('options', OPTIONS)
          .option('priority', { type: 'number', requiresArg: true, describe: 'Whose work is taken first: 1 before 5' })
          .option('start-at', {
            type: 'string',
            requiresArg: true,
            describe: 'Such as 2027-01-31T12:00:00Z; now without',
          })
          .option('follow', { type: 'boolean', default: true, describe: 'Wait for the end; --no-follow does not' })
          .option('output', { type: 'string', requiresArg: true, default: '.', describe: 'Folder for the result' })
          .option('save', { type: 'boolean', default: true, describe: 'Save the result; --no-save does not' })
          .option('json', JSON_OUTPUT),
      ({ source, name, options, priority, startAt, follow, output, save, json, ...rest }) =>
        take({
          name: 'run',
          source,
          jobName: name ?? null,
          options: numbersOf(options),
          follow,
          priority: priority ?? null,
          startAt: startAt ?? null,
          output: save ? output : null,
          json: json === true,
          ...jobChoice(rest),
          ...serverChoice(rest),
        }),
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
        withJobId(download)
          .option('output', { type: 'string', requiresArg: true, default: '.', describe: 'Folder' })
          .option('json', JSON_OUTPUT),
      ({ output, json, ...rest }) => take({ name: 'download', ...ofAJob(rest), output, json: json === true }),
    );
}
