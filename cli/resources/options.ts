import type { Argv } from 'yargs';
import { PRESETS } from '../../contracts/stages/presets';
import type { Take } from '../command';
import { answered } from '../server/spaceport-api';
import { asked, asks } from '../syntax/request';
import { columns } from '../text/columns';

/** What --options of a job may hold. */
export const optionCommands = (program: Argv, take: Take): Argv =>
  program.command(
    'options',
    'Settings that a job may change, their ranges, and what each preset has',
    asked,
    asks(take, async (_given, routes) => {
      const [{ options: answer }, { presets }] = await Promise.all([
        answered(routes.GET('/v1/options')),
        answered(routes.GET('/v1/presets')),
      ]);
      const rows = answer.map(({ name, stage, schema: { minimum, maximum }, meaning }) => [
        name,
        stage,
        `${minimum} to ${maximum}`,
        ...presets.map(({ options }) => String(options[name] ?? '-')),
        meaning,
      ]);
      const heading = ['OPTION', 'STAGE', 'RANGE', ...PRESETS.map((preset) => preset.toUpperCase()), 'MEANING'];
      return { answer, words: columns([heading, ...rows]) };
    }),
  );
