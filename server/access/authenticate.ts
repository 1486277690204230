import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { SCOPES } from '../../contracts/access/scopes';
import { LOCAL_TENANT } from '../../contracts/job/record';
import type { Logger } from '../../platform/logger';
import { reached } from '../http/availability';
import { contextOf, type Caller } from '../http/context';
import type { Problem } from '../http/problem';

import { unauthenticated } from './caller';
import type { Identify } from './identify';
import { withoutSecrets } from './secrets';
import { tooMany } from './too-many';

/** The cookie of a browser that has signed in. Its prefix binds it to this host, all paths and HTTPS. */
export const SESSION_COOKIE = '__Host-spaceport';
const COOKIE = new RegExp(`(?:^|;) *${SESSION_COOKIE}=([^;\\s]+)`);

/** Wrong keys, or wrong links, that one address may try in a minute. */
const WRONG_ATTEMPTS = 20;

export interface AccessRules {
  /** SHA-256 of the operator's key, in hexadecimal; null = there is none. */
  readonly adminKeyHash: string | null;
  /** Whoever comes without a key is nobody; else they are the local tenant, with all scopes. */
  readonly keysNeeded: boolean;
  /** Requests that one key may make in a minute. */
  readonly requestsPerMinute: number;
}

/** Without a key, on this machine: the one local tenant. */
const LOCAL_CALLER: Caller = { tenant: LOCAL_TENANT, scopes: SCOPES, keyId: null };

/** Counts an attempt against the address that it came from, logs it, and throws what the sender is told. */
export type Refuse = (request: Request, response: Response) => Promise<never>;

/** How attempts of one kind are refused. */
interface Refusal {
  readonly logged: string;
  /** What is said after too many of them. */
  readonly overLimit: string;
  readonly problem: () => Problem;
}

/** Logs hold no secret: paths are without those that stand in them. */
export function createRefuse(logger: Logger, { logged, overLimit, problem }: Refusal): Refuse {
  const attempts = rateLimit({
    windowMs: 60_000,
    limit: WRONG_ATTEMPTS,
    standardHeaders: false,
    legacyHeaders: false,
    handler: tooMany(overLimit),
  });
  return async (request, response) => {
    logger.warn({ address: request.ip, path: withoutSecrets(request.path) }, logged);
    await new Promise<void>((resolve, reject) => {
      const next = (over?: unknown): void => (over instanceof Error ? reject(over) : resolve());
      void attempts(request, response, next);
    });
    throw problem();
  };
}

export const createRefuseKey = (logger: Logger): Refuse =>
  createRefuse(logger, {
    logged: 'a key that is not valid was refused',
    overLimit: 'too many keys were wrong; wait a minute and try again',
    problem: () => unauthenticated('the key is unknown, expired or revoked'),
  });

/**
 * Gives every request its caller: by API key, by session, or because no key is needed here; null where nobody is known.
 * A wrong key is refused at once. A session that is over counts as none, so that a browser can sign in again.
 */
export function authenticate(identify: Identify, refuse: Refuse, rules: AccessRules): readonly RequestHandler[] {
  const identified: RequestHandler = async (request, response, next) => {
    const context = contextOf(response);
    const key = bearerOf(request);
    const cookie = cookieOf(request);
    if (key !== null) {
      const caller = await reached('The database', identify.byKey(key));
      if (caller === null) return refuse(request, response);
      context.caller = caller;
    } else {
      const caller = cookie === null ? null : await reached('The database', identify.bySession(cookie));
      context.caller = caller ?? (rules.keysNeeded ? null : LOCAL_CALLER);
    }
    next();
  };

  const limited = rateLimit({
    windowMs: 60_000,
    limit: rules.requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    skip: (_request, response) => keyIdOf(response) === null,
    keyGenerator: ({ ip = '' }, response) => keyIdOf(response) ?? ipKeyGenerator(ip),
    handler: tooMany(`one key may make ${rules.requestsPerMinute} requests a minute; try again later`),
  });
  return [identified, limited];
}

const keyIdOf = (response: Response): string | null => contextOf(response).caller?.keyId ?? null;

/** A login of another scheme belongs to a proxy in front of us. */
function bearerOf({ headers }: Request): string | null {
  const [, key] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return key ?? null;
}

/** What the session's cookie holds; null where there is none. */
export function cookieOf({ headers }: Request): string | null {
  const [, value] = COOKIE.exec(headers.cookie ?? '') ?? [];
  return value ?? null;
}
