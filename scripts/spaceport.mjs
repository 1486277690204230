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
import { infra } from './tasks/infra.mjs';
import { notices } from './tasks/notices.mjs';
import { sbom } from './tasks/sbom.mjs';
import { fieldTest, test } from './tasks/test.mjs';

const USAGE = `usage: spaceport COMMAND
  setup                    install what is missing, and nothing else
  test [SUITE...]          all tests, or those of some folders of test/, or "python"
  test:field [FILE...]     tests with other S3 clients and other long ones, which "test" leaves out
  test:compose             docker-compose.yml with HTTPS and keys, from photos to a scene, in Docker
  generate [--check]       write what follows from one definition elsewhere (--check: only say what is stale)
  format                   lay out all code
  lint                     linter, formatter and type checks
  infra PROGRAM [ARG...]   a program of infra/bin, such as synth: the templates of the AWS account
  deploy check STAGE       what a stage still lacks in an AWS account
  notices                  write THIRD_PARTY_NOTICES.md from what is installed
  sbom [FOLDER]            write which packages each image holds (CycloneDX)
  exec COMMAND...          run a tool of node_modules or of the Python environment
Any other command is the program's own:
  demo, up                 photos to a splat on this machine; the local stack alone
  run, jobs, job, ...      what a server does; "spaceport --help" lists all of them`;

const program = (args) =>
  runForeground(places.node, [join(places.dist, 'cli', 'main.js'), ...args], {
    env: toolEnvironment(),
    withChannel: true,
  });

/** @type {Record<string, (args: string[]) => number | Promise<number>>} */
const COMMANDS = {
  setup: () => {
    say('Everything is in place.');
    return 0;
  },
  test,
  'test:field': fieldTest,
  'test:compose': (args) =>
    runForeground('bash', [join(places.root, 'scripts', 'compose-test', 'main.sh'), ...args], {
      env: toolEnvironment(),
    }),
  generate,
  format,
  lint,
  notices,
  infra,
  deploy: (args) => infra(args),
  sbom,
  exec: ([command = '', ...args]) => runForeground(command, args, { env: toolEnvironment() }),
};

/** Those that need what the stacks of the AWS account are made with. */
const WITH_INFRA = new Set(['setup', 'test', 'lint', 'infra', 'deploy']);

async function main([name = '', ...args]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === '' || (name === 'exec' && args.length === 0)) {
    say(USAGE);
    return 1;
  }
  return orExplain(async () => {
    await setUp({ withInfra: WITH_INFRA.has(name) });
    return command === undefined ? program([name, ...args]) : command(args);
  });
}

process.exitCode = await main(process.argv.slice(2));
