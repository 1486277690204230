import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../orchestration/percentiles';
import { JOB_ID, type ServerFigures } from './server';

/** Connections that are made at once: those beyond the kernel's backlog would have to try again. */
const CONNECT_AT_ONCE = 100;

/** What listeners cost beside one listener. */
export interface ListenerFigures {
  readonly listeners: number;
  /** Memory of the server, beyond that with one listener. */
  readonly addedMb: number;
  /** Questions to Temporal, with all listeners and with one. */
  readonly polls: number;
  readonly pollsOfOne: number;
  readonly seconds: number;
  readonly eventsOfEach: number;
  readonly stalenessP99Ms: number;
}

/** Lets `count` listen to one job for so long, after one alone. The server is a process of its own. */
export async function measureListeners(count: number, seconds: number): Promise<ListenerFigures> {
  const server = fork(path.join(__dirname, 'server.ts'), {
    execArgv: ['--expose-gc', '-r', path.join(__dirname, '../../test/helpers/register-typescript.js')],
  });
  try {
    const [port] = (await once(server, 'message')) as [number];
    const one = await listen(server, port, 1, seconds);
    const many = await listen(server, port, count, seconds);
    return {
      listeners: count,
      addedMb: Math.round(many.rssMb - one.rssMb),
      polls: many.polls,
      pollsOfOne: one.polls,
      seconds,
      eventsOfEach: many.events / count,
      stalenessP99Ms: Math.round(percentile(many.ageMs, 0.99)),
    };
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
