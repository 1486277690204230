import { findCheckout } from '../local/stack/checkout';
import { complete, isForCompletion, parseCommandLine } from './command-line';
import { demo } from './commands/demo';
import { runServerCommand, upload } from './commands/server-commands';
import { explain } from './explain';
import { EXIT } from './text/job-summary';
import { Interruption } from './stack/open-stack';
import { reindex } from './commands/reindex';
import { up } from './commands/up';

/** Stdout is for answers that a program reads; people are told on stderr. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);
/** What a stack says never ends it: stderr may be a file on a full disk, or a pipe that nobody reads any more. */
process.stderr.on('error', () => undefined);
/** A reader such as `head` that has enough ends it without a word. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.succeeded);
});

async function main(args: readonly string[]): Promise<number> {
  if (isForCompletion(args)) {
    await complete(args);
    return EXIT.succeeded;
  }
  const command = parseCommandLine(args);
  const checkout = findCheckout(process.env.SPACEPORT_FOLDER);
  const interruption = new Interruption(say);
  const context = { checkout, environment: process.env, interruption, say };
  switch (command.name) {
    case 'demo':
      return demo(command, context);
    case 'up':
      await up(context);
      return EXIT.succeeded;
    case 'reindex':
      process.stdout.write(`${await reindex(command, checkout, process.env, interruption.signal)}\n`);
      return EXIT.succeeded;
    case 'help':
      process.stdout.write(`${command.text}\n`);
      return EXIT.succeeded;
    case 'upload':
      await upload(command, checkout, say, interruption.signal);
      return EXIT.succeeded;
    default:
      return runServerCommand(command, checkout, process.env, say, interruption.signal);
  }
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    say(`spaceport: ${explain(error)}`);
    process.exitCode = EXIT.error;
  },
);
