import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobSnapshot } from '../../../contracts/messages/job-snapshot';
import type { AppDeps } from '../../../server/http/app';
import { createHttpServer } from '../../../server/http/http-server';
import { STREAMING, type Streaming } from '../../../server/events/streaming';
import { testApp } from '../helpers';
import { waitFor } from '../../helpers/wait-for';

export interface SentEvent<T> {
  readonly id: string;
  readonly data: T;
}

/** One who listens, with all that has come. */
export class Listener<T = JobSnapshot> {
  text = '';
  hasEnded = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => (this.text += text));
    response.on('close', () => (this.hasEnded = true));
    response.on('error', () => undefined);
  }

  static async open<T = JobSnapshot>(url: string, headers: Record<string, string> = {}): Promise<Listener<T>> {
    const request = httpRequest(url, { headers, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new Listener<T>(response);
  }

  get events(): SentEvent<T>[] {
    return this.text.split('\n\n').flatMap((block) => {
      const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(block) ?? [];
      return id === undefined || data === undefined ? [] : [{ id, data: JSON.parse(data) as T }];
    });
  }

  get last(): SentEvent<T> | undefined {
    return this.events.at(-1);
  }

  /** Waits for the newest event to be as wanted. */
  async heard(what: string, check: (data: T) => boolean): Promise<SentEvent<T>> {
    return waitFor(what, () => (this.last !== undefined && check(this.last.data) ? this.last : null), 10_000);
  }

  leave(): void {
    this.response.destroy();
  }
}

/** The server over memory, on a port of its own, with streams that are quick. */
export async function listeningServer(streaming: Partial<Streaming> = {}, changes: Partial<AppDeps> = {}) {
  const closing = new AbortController();
  const quick = { ...STREAMING, lookEveryMs: 30, looksApartMs: 1, listEveryMs: 30, ...streaming };
  const memory = testApp({ streaming: quick, closing: closing.signal, ...changes });
  const server: Server = createHttpServer(memory.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { ...memory, url, server, closing, stop };
}
export type ListeningServer = Awaited<ReturnType<typeof listeningServer>>;
