import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { WebhookCall } from './audit/evidence';
import type { JobPlan } from './job-plan';

/**
 * A program of the person's that takes webhooks as docs/operations.md says, after it has been busy or has hung up as
 * often as the job's plan says. Each call that has come in whole is a line of JSON in a file.
 */
export class WebhookReceiver {
  /** Tries of each event. */
  private readonly tries = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly plans: ReadonlyMap<string, JobPlan['webhook']>,
    private readonly file: string,
    private readonly secretFile: string,
  ) {
    server.on('request', (request, response) => {
      this.answer(request).then(
        (status) => (status === null ? response.destroy() : response.writeHead(status).end()),
        () => response.destroy(), // the sender was killed while it spoke
      );
    });
  }

  /** @param stateFolder where the product keeps the key that signs */
  static async start(plans: readonly JobPlan[], file: string, stateFolder: string): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(
      server,
      new Map(plans.map(({ jobId, webhook }) => [jobId, webhook])),
      file,
      path.join(stateFolder, 'webhook-secret'),
    );
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return receiver;
  }

  urlFor(jobId: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jobs/${jobId}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** The HTTP status; null = hangs up. */
  private async answer(request: IncomingMessage): Promise<number | null> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const jobId = request.url?.split('/').at(-1) ?? '';
    const eventId = String(request.headers['spaceport-event-id']);
    const { type } = JSON.parse(body.toString()) as { type: string };
    const tried = this.tries.get(eventId) ?? 0;
    this.tries.set(eventId, tried + 1);
    const { fails, how } = this.plans.get(jobId) ?? { fails: 0, how: 503 };
    const isTaken = tried >= fails;
    const call: WebhookCall = {
      jobId,
      eventId,
      type,
      isTaken,
      isGenuine: await this.isGenuine(request, body),
      digest: createHash('sha256').update(body).digest('hex'),
    };
    await appendFile(this.file, `${JSON.stringify(call)}\n`);
    if (isTaken) return 204;
    return how === 'hangs-up' ? null : how;
  }

  private async isGenuine({ headers }: IncomingMessage, body: Buffer): Promise<boolean> {
    const { t = '', v1 = '' } = Object.fromEntries(
      String(headers['spaceport-signature'])
        .split(',')
        .map((part) => part.split('=')),
    ) as Record<string, string>;
    const secret = (await readFile(this.secretFile, 'utf8')).trim();
    const expected = createHmac('sha256', secret).update(`${t}.`).update(body).digest();
    const given = Buffer.from(v1, 'hex');
    return (
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      Math.abs(Date.now() / 1000 - Number(t)) < 300
    );
  }
}
