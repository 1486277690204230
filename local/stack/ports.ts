import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const NAMES = [
  'temporal',
  'temporalUi',
  's3',
  'sagemaker',
  'smtp',
  'mail',
  'server',
  'serverMetrics',
  'workerMetrics',
] as const;

/** The port on 127.0.0.1 of each listener of a stack. */
export type Ports = Record<(typeof NAMES)[number], number>;

/**
 * Below what systems give to outgoing connections (from 32768 on Linux, 49152 on macOS): one of those could take the
 * port between now and the moment when its listener starts.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** What people know by heart, or find again from one start to the next. */
export const USUAL_PORTS: Ports = {
  temporal: 7233,
  temporalUi: 8233,
  s3: 9000,
  sagemaker: 9080,
  smtp: 1025,
  mail: 8025,
  server: 3000,
  serverMetrics: 9464,
  workerMetrics: 9465,
};

/** Whatever is free: for tests, which run beside other stacks. */
export const ANY_PORTS = Object.fromEntries(NAMES.map((name) => [name, 0])) as Ports;

/** Each preferred port where it is free, else another that is; 0 prefers none. */
export async function choosePorts(preferred: Ports): Promise<Ports> {
  const taken = new Set<number>();
  const chosen: Partial<Ports> = {};
  for (const name of NAMES) {
    let port = await freePort(preferred[name]);
    while (taken.has(port)) port = await freePort(0);
    taken.add(port);
    chosen[name] = port;
  }
  return chosen as Ports;
}

/** This port where it is free, else any. */
export async function freePort(preferred = 0): Promise<number> {
  if (preferred !== 0 && (await isFree(preferred))) return preferred;
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
