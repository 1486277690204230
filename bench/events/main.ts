/**
 * `npm run bench:events`: what 1000 listeners to one job cost the server beside one listener. The server is a process
 * of its own over jobs in memory; the listeners are connections of this one. One line of JSON on stdout.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { percentile } from '../orchestration/percentiles';
import { JOB_ID, type ServerFigures } from './server';

const USAGE = `npm run bench:events -- [OPTION...]
  --listeners N   to one job (1000)
  --seconds N     for how long they listen, and the one before them (20)`;

/** Connections that are made at once: those beyond the kernel's backlog would have to try again. */
const CONNECT_AT_ONCE = 100;

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
  const [count, seconds] = [Number(values.listeners), Number(values.seconds)];
  const server = fork(path.join(__dirname, 'server.ts'), {
    execArgv: ['--expose-gc', '-r', path.join(__dirname, '../../test/helpers/register-typescript.js')],
  });
  try {
    const [port] = (await once(server, 'message')) as [number];
    const one = await listen(server, port, 1, seconds);
    const many = await listen(server, port, count, seconds);
    process.stdout.write(
      `${JSON.stringify({
        listeners: count,
        addedMb: Math.round(many.rssMb - one.rssMb),
        polls: many.polls,
        pollsOfOne: one.polls,
        seconds,
        eventsOfEach: many.events / count,
        stalenessP99Ms: Math.round(percentile(many.ageMs, 0.99)),
        node: process.version,
      })}\n`,
    );
  } finally {
    server.kill();
  }
}

interface Heard {
  events: number;
  /** How old what was told was when it came, in milliseconds. */
  readonly ageMs: number[];
}

/** Lets so many listen for so long. */
async function listen(
  server: ChildProcess,
  port: number,
  count: number,
  seconds: number,
): Promise<ServerFigures & Heard> {
  const heard: Heard = { events: 0, ageMs: [] };
  const sockets: Socket[] = [];
  const before = await figures(server);
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(CONNECT_AT_ONCE, count - sockets.length) }, () => listener(port, heard));
    await Promise.all(next.map((socket) => once(socket, 'data')));
    sockets.push(...next);
  }
  heard.ageMs.length = 0; // the first snapshot is as old as it is
  heard.events = 0;
  const begun = await figures(server);
  await delay(seconds * 1000);
  const after = await figures(server);
  for (const socket of sockets) socket.destroy();
  const open = sockets.filter((socket) => socket.readableEnded).length;
  if (open > 0) throw new Error(`${open} of ${count} listeners were cut`);
  return { ...heard, polls: after.polls - begun.polls, rssMb: Math.max(begun.rssMb, after.rssMb, before.rssMb) };
}

function listener(port: number, heard: Heard): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    for (const [, atMs] of text.matchAll(/"atMs":(\d+)/g)) {
      heard.events += 1;
      heard.ageMs.push(Date.now() - Number(atMs));
    }
  });
  socket.write(`GET /v1/jobs/${JOB_ID}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  return socket;
}

async function figures(server: ChildProcess): Promise<ServerFigures> {
  const answer = once(server, 'message') as Promise<[ServerFigures]>;
  server.send('tell');
  return (await answer)[0];
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
