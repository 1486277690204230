import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { cancellationSignal } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { isAllowedHost, webhookProblem, type WebhookRules } from '../../contracts/messages/webhook-url';
import { unsuccessful } from '../application-failures';
import { PrivateAddressError, publicLookup } from '../../platform/public-addresses';

export interface WebhookDeps {
  /** Read at each try: a secret that was changed signs the tries that follow. */
  readonly rules: WebhookRules;
  /** Longest that a receiver may take to answer. */
  readonly timeoutMs?: number;
  /** How names are resolved; the system's way where it is not given. */
  readonly resolve?: LookupFunction;
}

export interface WebhookInput {
  readonly url: string;
  /** Same for each try of one event. */
  readonly eventId: string;
  /** JSON of a WebhookEvent, the same to the byte for each try. */
  readonly body: string;
}

export interface WebhookActivities {
  /**
   * Posts an event, signed, and returns the receiver's answer; 2xx = taken. Redirects are not followed. No error holds
   * the address. Throws WEBHOOK_REJECTED (not retried) at 410, the receiver's "never again", and WEBHOOK_DEFERRED
   * (retried) for every other answer, for none, and for an address that the rules do not allow: the operator may.
   */
  sendWebhook(webhook: WebhookInput): Promise<string>;
}

const TIMEOUT_MS = 15_000;
const GONE = 410;

/**
 * `Spaceport-Signature`: HMAC-SHA256 over time and body, so that a receiver knows who sent them, and how long ago.
 * docs/operations.md has the receiver's side.
 */
export function signature(secret: string, unixSeconds: number, body: string): string {
  const hmac = createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${hmac}`;
}

export function createWebhookActivities({
  rules,
  timeoutMs = TIMEOUT_MS,
  resolve = lookup,
}: WebhookDeps): WebhookActivities {
  return {
    async sendWebhook({ url, eventId, body }) {
      const problem = webhookProblem(url, rules);
      if (problem !== null || rules.secret === null) throw deferred(`the webhook's address: ${problem}`);
      const target = new URL(url);
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'Spaceport/1',
        'Spaceport-Event-Id': eventId,
        'Spaceport-Signature': signature(rules.secret, Math.floor(Date.now() / 1000), body),
      };
      const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(timeoutMs)]);
      const status = await post(
        target,
        { headers, signal, lookup: isAllowedHost(target, rules) ? resolve : publicLookup(resolve) },
        body,
      );
      if (status >= 200 && status < 300) return `answered ${status}`;
      if (status === GONE)
        throw unsuccessful('WEBHOOK_REJECTED', `the receiver answered ${GONE}: it wants no more events`);
      throw deferred(
        `the receiver answered ${status}${status >= 300 && status < 400 ? '; redirects are not followed' : ''}`,
      );
    },
  };
}

const deferred = (problem: string): ApplicationFailure => unsuccessful('WEBHOOK_DEFERRED', problem);

/** The status of the answer; its body is not read. A connection of its own each time, so that each is looked up. */
function post(
  url: URL,
  options: Pick<https.RequestOptions, 'headers' | 'signal' | 'lookup'>,
  body: string,
): Promise<number> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, method: 'POST', agent: false }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.on('error', (error) => reject(deferred(`the receiver was not reached: ${unreached(error)}`)));
    sent.end(body);
  });
}

/** Error codes of sockets, names and certificates; their messages would hold the address. */
function unreached(error: Error): string {
  if (error instanceof PrivateAddressError) return error.message;
  if (error.name === 'AbortError') return 'it did not answer in time';
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
