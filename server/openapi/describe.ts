import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, type AppDeps } from '../http/app';
import type { OpenApiDocument } from './document';

/** Settings with which no route differs from those of any other server, but for limits that its words name. */
const CONFIG: AppDeps['config'] = {
  bucket: 'spaceport',
  inputBuckets: ['spaceport'],
  region: 'us-west-2',
  publicUrl: 'http://127.0.0.1:3000',
  publicS3Endpoint: null,
  map: { styleUrl: null, origins: [] },
  temporalUiUrl: null,
  temporalNamespace: 'default',
  payloadKeys: null,
  http: { host: '127.0.0.1', port: 3000, trustedProxies: 0, startsPerMinute: 600 },
  webhooks: { secret: null, masterKey: null, hosts: [] },
  access: { adminKeyHash: null, requestsPerMinute: 1200 },
};

/** What nothing is asked of while the API only describes itself; its members and what it returns are the same. */
const idle: object = new Proxy(() => undefined, {
  get: (_, name) => (name === 'then' ? undefined : idle),
  apply: () => idle,
});
/** Nobody counts the one request; an idle counter would not let it through. */
const GIVEN: Readonly<Record<string, unknown>> = { config: CONFIG, webFolder: '', metrics: undefined, tracer: null };
const DEPS = new Proxy(GIVEN, {
  get: (given, name) => (typeof name === 'string' && Object.hasOwn(given, name) ? given[name] : idle),
}) as unknown as AppDeps;

/** The API's description as a server with default settings gives it, for what is generated from it. */
export async function describeApi(): Promise<OpenApiDocument> {
  const app = createApp(DEPS);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/openapi.json`);
    if (!answer.ok) throw new Error(`the API describes itself with status ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as OpenApiDocument;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
