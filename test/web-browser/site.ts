import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { AppDeps } from '../../server/http/app';
import { WEB_FOLDER } from '../../server/http/static-files';
import { testApp, testConfig } from '../server/helpers';

/** The server with its pages as they are built, over memory; and a storage that has files of results. */
export interface Site extends ReturnType<typeof testApp> {
  readonly url: string;
  /** Another site, for browsers. */
  readonly storageUrl: string;
  /** Name of a file of a result, of all jobs or as `JOB/NAME` of one -> what the storage answers. */
  readonly files: Map<string, { readonly type: string; readonly body: Buffer }>;
  /** Paths that were asked for, with their queries. */
  readonly asked: string[];
  /** Cuts all streams of events, as a server does that goes. */
  cutStreams(): void;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @param changes of what the server is made of, such as its clock */
export async function openSite(changes: Partial<AppDeps> = {}): Promise<Site & { close(): void }> {
  const [server, storage] = [createServer(), createServer()];
  const [url, storageUrl] = [await listen(server), await listen(storage)];
  const made = testApp({
    webFolder: WEB_FOLDER,
    now: Date.now,
    ...changes,
    config: { ...testConfig, ...changes.config, publicUrl: url, publicS3Endpoint: storageUrl },
  });
  const files: Site['files'] = new Map();
  made.store.link = async (jobId, file) => `${storageUrl}/${files.has(`${jobId}/${file}`) ? `${jobId}/${file}` : file}`;
  made.store.shownLink = async (key) => `${storageUrl}/${path.posix.basename(key)}`;
  // Files of a published folder are in no list: the storage is asked for them.
  const head = made.store.head.bind(made.store);
  made.store.head = async (jobId, file) =>
    (await head(jobId, file)) ??
    (files.has(file)
      ? { bytes: 9, mediaType: 'image/webp', disposition: 'inline', etag: '"abc"', modifiedAt: new Date(0) }
      : null);
  storage.on('request', (request, response) => {
    const file = files.get(decodeURIComponent(request.url ?? '').slice(1));
    response.setHeader('access-control-allow-origin', url);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': file.type }).end(file.body);
  });
  const asked: string[] = [];
  const streams = new Set<() => void>();
  server.on('request', (request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/v1/events') === true) {
      const cut = (): void => void request.socket.destroy();
      streams.add(cut);
      response.on('close', () => streams.delete(cut));
    }
    made.app(request, response);
  });
  return {
    ...made,
    url,
    storageUrl,
    files,
    asked,
    cutStreams: () => streams.forEach((cut) => cut()),
    close() {
      for (const each of [server, storage]) {
        each.closeAllConnections();
        each.close();
      }
    },
  };
}
