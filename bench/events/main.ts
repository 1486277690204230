/**
 * `npm run bench:events`: what 1000 listeners to one job cost the server beside one listener. The server is a process
 * of its own over jobs in memory; the listeners are connections of this one. One line of JSON on stdout.
 */
import { parseArgs } from 'node:util';
import { measureListeners } from './listeners';

const USAGE = `npm run bench:events -- [OPTION...]
  --listeners N   to one job (1000)
  --seconds N     for how long they listen, and the one before them (20)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      listeners: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '20' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stderr.write(`${USAGE}\n`);
    return;
  }
  const figures = await measureListeners(Number(values.listeners), Number(values.seconds));
  process.stdout.write(`${JSON.stringify({ ...figures, node: process.version })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
