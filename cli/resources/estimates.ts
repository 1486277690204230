import type { Argv } from 'yargs';
import { DEFAULT_PRESET, PRESETS } from '../../contracts/stages/presets';
import type { Take } from '../command';
import { estimate, estimateInWords } from '../commands/estimate';
import { asked, asks, positional } from '../syntax/request';

/** What a job would take and cost. */
export const estimateCommands = (program: Argv, take: Take): Argv =>
  program.command(
    'estimate <source>',
    'What a job would take and cost',
    (command) =>
      asked(command)
        .positional('source', { ...positional, describe: 'A number of photos, a folder, or an s3:// address' })
        .option('preset', { choices: PRESETS, default: DEFAULT_PRESET, requiresArg: true }),
    asks(take, async ({ source, preset }, _routes, { api }) => {
      const answer = await estimate(source, preset, api);
      return { answer, words: estimateInWords(answer) };
    }),
  );
