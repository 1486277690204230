import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../platform/logger';
import { reached } from '../http/availability';
import { Problem } from '../http/problem';
import type { Idempotency, IdempotentRequest } from '../storage/idempotency';
import { digestOf } from './request-digest';

/** An answer with JSON, as a handler gives it back. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A creation that carries an Idempotency-Key. */
export interface KeyedRequest {
  /** Whose the key is: a tenant, or who stands in its place. */
  readonly tenant: string;
  /** Method and address, without secrets. */
  readonly route: string;
  readonly key: string;
  /** Everything else that decides the answer. */
  readonly content: unknown;
  /** Fields of the answer's body that are shown once: they are null in what is kept, and in answers to repeats. */
  readonly secrets: readonly string[];
}

/**
 * Makes the answer to a creation, or finds the one that the same request has had under its key. Only answers that are
 * no problems are kept. Throws IDEMPOTENCY_KEY_REUSED where the key stands for another request, and
 * IDEMPOTENCY_KEY_IN_USE where the same request is still being answered after a few seconds.
 */
export type AnswerOnce = (
  request: KeyedRequest,
  make: () => Promise<JsonAnswer>,
) => Promise<{ readonly answer: JsonAnswer; readonly isRepeat: boolean }>;

/** How long a request waits for its twin: longer than a creation takes, shorter than people do. */
const WAIT_MS = 5000;
const LOOK_EVERY_MS = 100;
/** A server that has not answered for so long is gone: no request may take this long (server/http/http-server.ts). */
const STALE_MS = 120_000;

interface AnswerOnceDeps {
  readonly idempotency: Idempotency;
  readonly logger: Logger;
  readonly now: () => number;
  readonly waitMs?: number;
}

export function createAnswerOnce({ idempotency, logger, now, waitMs = WAIT_MS }: AnswerOnceDeps): AnswerOnce {
  const create = async (
    claimed: IdempotentRequest,
    secrets: readonly string[],
    make: () => Promise<JsonAnswer>,
  ): Promise<JsonAnswer> => {
    let answer;
    try {
      answer = await make();
    } catch (error) {
      await idempotency.release(claimed).catch((failed: unknown) => {
        logger.warn(
          { err: failed, route: claimed.route },
          'an Idempotency-Key could not be given up; it ends by itself',
        );
      });
      throw error;
    }
    const { status, ...rest } = answer;
    // What was created is there: its maker is told so, also where nobody who repeats the request will be.
    await idempotency
      .complete(claimed, status, { ...rest, body: withoutSecrets(rest.body, secrets) })
      .catch((failed: unknown) => {
        logger.error({ err: failed, route: claimed.route }, 'the answer to an Idempotency-Key could not be kept');
      });
    return answer;
  };

  return async ({ tenant, route, key, content, secrets }, make) => {
    const request: IdempotentRequest = { tenant, route, key, digest: digestOf(content, 'count') };
    for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
      const claim = await reached('The database', idempotency.claim(request, now(), now() - STALE_MS));
      if (claim.kind === 'claimed') return { answer: await create(request, secrets, make), isRepeat: false };
      if (claim.kind === 'answered')
        return { answer: { status: claim.status, ...(claim.body as Omit<JsonAnswer, 'status'>) }, isRepeat: true };
      if (claim.kind === 'otherBody')
        throw new Problem(
          'IDEMPOTENCY_KEY_REUSED',
          'the key was sent with another request to this address within the last day; use a new key for a new request',
        );
      if (waitedMs >= waitMs)
        throw new Problem(
          'IDEMPOTENCY_KEY_IN_USE',
          'the first request with this key is still being answered; send it again in a moment',
        );
      await sleep(LOOK_EVERY_MS);
    }
  };
}

function withoutSecrets(body: unknown, secrets: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return { ...body, ...Object.fromEntries(secrets.filter((name) => name in body).map((name) => [name, null])) };
}
