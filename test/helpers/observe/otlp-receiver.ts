import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it was sent, with attributes and resource as plain objects. */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly error: string | null;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        startTimeUnixNano: string;
        endTimeUnixNano: string;
        attributes: readonly Attribute[];
        status?: { message: string };
      }[];
    }[];
  }[];
}

const plain = (attributes: readonly Attribute[]): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
const toMs = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1_000_000n);

/** Takes spans by OTLP over HTTP, as a collector would. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly headers: Record<string, string | string[] | undefined>[] = [];
  /** What it answers with. */
  status = 200;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void json(request).then((body) => {
        this.headers.push(request.headers);
        if (this.status === 200 && request.url === '/v1/traces') this.take(body as Sent);
        response.writeHead(request.url === '/v1/traces' ? this.status : 404).end('{}');
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtlpReceiver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take({ resourceSpans }: Sent): void {
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        for (const { parentSpanId = null, startTimeUnixNano, endTimeUnixNano, attributes, status, ...span } of spans)
          this.spans.push({
            service: plain(resource.attributes)['service.name'] ?? '',
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId,
            name: span.name,
            startMs: toMs(startTimeUnixNano),
            endMs: toMs(endTimeUnixNano),
            attributes: plain(attributes),
            error: status?.message ?? null,
          });
  }
}
