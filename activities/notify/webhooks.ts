import { createHmac } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { webhookProblem, type WebhookRules } from '../../contracts/messages/webhook-url';
import { unsuccessful } from '../application-failures';
import { postEvent, type PostDeps } from './post';

export interface WebhookDeps extends PostDeps {
  /** Read at each try: a secret that was changed signs the tries that follow. */
  readonly rules: WebhookRules;
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

/**
 * `Spaceport-Signature`: HMAC-SHA256 over time and body, so that a receiver knows who sent them, and how long ago.
 * docs/operations.md has the receiver's side.
 */
export function signature(secret: string, unixSeconds: number, body: string): string {
  const hmac = createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${hmac}`;
}

export function createWebhookActivities({ rules, ...deps }: WebhookDeps): WebhookActivities {
  return {
    async sendWebhook({ url, eventId, body }) {
      const problem = webhookProblem(url, rules);
      if (problem !== null || rules.secret === null) throw deferred(`the webhook's address: ${problem}`);
      const headers = {
        'Spaceport-Event-Id': eventId,
        'Spaceport-Signature': signature(rules.secret, Math.floor(Date.now() / 1000), body),
      };
      const posted = await postEvent(new URL(url), headers, body, { rules, ...deps }, cancellationSignal());
      if (posted.problem === null) return `answered ${posted.statusCode}`;
      throw posted.isGone ? unsuccessful('WEBHOOK_REJECTED', posted.problem) : deferred(posted.problem);
    },
  };
}

const deferred = (problem: string): ApplicationFailure => unsuccessful('WEBHOOK_DEFERRED', problem);
