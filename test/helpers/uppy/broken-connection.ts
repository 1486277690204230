import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a port of this machine that counts what clients send, and breaks once. */
export interface BrokenConnection {
  readonly port: number;
  /** Bytes that clients have sent so far. */
  sentBytes(): number;
  /** Whether it has broken. */
  hasBroken(): boolean;
  /** Resolves when it breaks. */
  readonly breaks: Promise<null>;
  close(): void;
}

interface Breaking {
  /** Bytes that pass before it breaks. */
  readonly afterBytes: number;
  /** `reset`: all connections are cut. `stall`: over the busy one nothing passes any more, and nobody says so. */
  readonly how: 'reset' | 'stall';
}

/** @param targetPort is asked for when the first client connects */
export async function brokenConnection(
  targetPort: () => number,
  { afterBytes, how }: Breaking,
): Promise<BrokenConnection> {
  const clients = new Set<Socket>();
  let sent = 0;
  let broken = false;
  const { promise: breaks, resolve: tellBreak } = Promise.withResolvers<null>();

  const breakAll = (busy: Socket): void => {
    broken = true;
    tellBreak(null);
    if (how === 'stall') busy.unpipe().pause();
    // Idle ones are cut in any case: a browser would use a stalled one for its next request.
    for (const client of clients) if (how === 'reset' || client !== busy) client.resetAndDestroy();
  };
  const server = createServer((client) => {
    const target = connect(targetPort(), '127.0.0.1');
    clients.add(client);
    client.on('data', (chunk) => {
      sent += chunk.length;
      if (!broken && sent >= afterBytes) breakAll(client);
    });
    client.pipe(target);
    target.pipe(client);
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.on('close', () => clients.delete(client));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sentBytes: () => sent,
    hasBroken: () => broken,
    breaks,
    close() {
      for (const client of clients) client.destroy();
      server.close();
    },
  };
}
