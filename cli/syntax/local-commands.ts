import type { Argv } from 'yargs';
import type { PresetName } from '../../contracts/stages/presets';
import { LOCAL_EMAIL, type Take } from '../command';
import { jobChoice, JSON_OUTPUT, withJob } from './options';

/** Quick enough to watch, without a GPU: the first thing that a newcomer wants to see is that it works. */
const DEMO_PRESET: PresetName = 'preview';

/** Commands of the stack on this machine. */
export function localCommands(program: Argv, take: Take): void {
  program
    .command(
      'demo',
      'Photos to a splat, on this machine',
      (demo) =>
        withJob(demo, DEMO_PRESET)
          .option('photos', { type: 'string', requiresArg: true, describe: 'Folder or archive; rendered ones without' })
          .option('yes', { type: 'boolean', describe: 'Begin also where this takes hours on this machine' })
          .option('exit', { type: 'boolean', describe: 'End when the job has ended' })
          .option('json', JSON_OUTPUT),
      ({ photos, yes, exit, json, ...job }) =>
        take({
          name: 'demo',
          photos: photos ?? null,
          ...jobChoice(job),
          email: job.email ?? LOCAL_EMAIL,
          yes: yes === true,
          exit: exit === true,
          json: json === true,
        }),
    )
    .command('up', 'Run the local stack without a job', {}, () => take({ name: 'up' }))
    .command(
      'upload <photos>',
      'Photos into the bucket of the local stack',
      (upload) =>
        upload
          .positional('photos', { type: 'string', demandOption: true, describe: 'Folder or archive' })
          .option('json', JSON_OUTPUT),
      ({ photos, json }) => take({ name: 'upload', photos, json: json === true }),
    )
    .command(
      'reindex',
      'Rebuild the database of the local stack from its S3',
      (reindex) => reindex.option('json', JSON_OUTPUT),
      ({ json }) => take({ name: 'reindex', json: json === true }),
    );
}
