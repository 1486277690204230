import yargs, { type Argv } from 'yargs';
import type { Command, Take } from './command';
import { RESOURCES } from './resources/resources';
import { jobCommands } from './syntax/job-commands';
import { listsJoined } from './syntax/joined-lists';
import { localCommands } from './syntax/local-commands';
import { UsageError } from './usage-error';

/** Throws UsageError. */
export function parseCommandLine(args: readonly string[]): Command {
  let taken: Command | undefined;
  let help = '';
  const program = commandLine((command) => (taken = command));
  program.parseSync(listsJoined(args), {}, (_error, _argv, output) => void (help = output));
  return taken ?? { name: 'help', text: help };
}

/** Prints the script for a shell's completion, or what a shell asks for: `args` of `completion`, as yargs knows them. */
export const complete = async (args: readonly string[]): Promise<void> =>
  void (await commandLine(() => undefined).parseAsync([...args]));

export const isForCompletion = (args: readonly string[]): boolean =>
  args[0] === 'completion' || args.includes('--get-yargs-completions');

/** What yargs says otherwise; some it has by number. Its types know strings alone. `%c` takes an argument and says nothing. */
const WORDS = {
  'Invalid values:': ' ',
  'Argument: %s, Given: %s, Choices: %s': '--%s is %s, and must be one of %s',
  'Not enough arguments following: %s': '--%s needs a value',
  ...byNumber(
    'Not enough non-option arguments: got %s, need at least %s',
    'an argument is missing; --help names it%c%c',
  ),
  ...byNumber('Unknown argument: %s', 'there is no command, option or argument "%s" here'),
} as Record<string, string>;

function byNumber(key: string, said: string): Readonly<Record<string, unknown>> {
  return { [key]: { one: said, other: said } };
}

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
    .check(numbersAreNumbers)
    .fail((message, error) => {
      throw error instanceof UsageError ? error : new UsageError(oneLine(message || error.message));
    });
  for (const add of [localCommands, jobCommands, ...RESOURCES]) add(program, take);
  return program;
}

/** yargs takes any text for a number, as NaN. Throws UsageError. */
function numbersAreNumbers(given: Readonly<Record<string, unknown>>): true {
  const [wrong] = Object.entries(given).find(([, value]) => Number.isNaN(value)) ?? [];
  if (wrong !== undefined) throw new UsageError(`--${wrong} must be a number`);
  return true;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
