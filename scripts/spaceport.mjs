#!/usr/bin/env node
/**
 * The way into a checkout, for any Node from 20 on and with nothing installed: sets up what is missing, then runs the
 * command with the exact Node. `npm run demo`, `npm start`, `npm test` and the others come here.
 */
import { join } from 'node:path';
import { places, toolEnvironment } from './bootstrap/places.mjs';
import { runForeground } from './bootstrap/programs.mjs';
import { say } from './bootstrap/say.mjs';
import { orExplain, setUp } from './bootstrap/set-up.mjs';
import { generate } from './tasks/generate.mjs';
import { format, lint } from './tasks/lint.mjs';
import { notices } from './tasks/notices.mjs';
import { fieldTest, test } from './tasks/test.mjs';

const USAGE = `usage: spaceport COMMAND
  setup                    install what is missing, and nothing else
  demo [--photos DIR|ZIP] [--preset NAME] [--email A] [--budget-usd N] [--max-hours N] [--exit] [--json]
                           photos to a splat, on this machine
  up                       run the local stack without a job
  upload DIR|ZIP           photos into the bucket of the stack that is running
  jobs | job ID [--json]   what jobs do, from the stack that is running, or from --server URL (as all that follow)
  cancel ID [--reason TEXT]
  retry ID [--from STAGE] [--budget-usd N] [--max-hours N]
                           run again after a failure or a cancel
  accept ID                continue with a result that the job asks about
  pause ID | resume ID     wait before the next stage, and continue
  reindex [--json]         rebuild the database of the stack that is running from its S3
  delete ID                erase an ended job: photos, results, address
  test [SUITE...]          all tests, or those of some folders of test/, or "python"
  test:field [FILE...]     tests with other S3 clients and other long ones, which "test" leaves out
  generate [--check]       write what follows from the containers' pydantic models (--check: only say what is stale)
  format                   lay out all code
  lint                     linter, formatter and type checks
  notices                  write THIRD_PARTY_NOTICES.md from what is installed
  exec COMMAND...          run a tool of node_modules or of the Python environment`;

const program = (args) =>
  runForeground(places.node, [join(places.dist, 'cli', 'main.js'), ...args], {
    env: toolEnvironment(),
    withChannel: true,
  });

/** Commands of the product's own program. */
const PROGRAM = 'demo up upload jobs job cancel retry accept pause resume delete reindex'.split(' ');

/** @type {Record<string, (args: string[]) => number | Promise<number>>} */
const COMMANDS = {
  ...Object.fromEntries(PROGRAM.map((name) => [name, (args) => program([name, ...args])])),
  setup: () => {
    say('Everything is in place.');
    return 0;
  },
  test,
  'test:field': fieldTest,
  generate,
  format,
  lint,
  notices,
  exec: ([command = '', ...args]) => runForeground(command, args, { env: toolEnvironment() }),
};

async function main([name = '', ...args]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || (name === 'exec' && args.length === 0)) {
    say(USAGE);
    return 1;
  }
  return orExplain(async () => {
    await setUp();
    return command(args);
  });
}

process.exitCode = await main(process.argv.slice(2));
