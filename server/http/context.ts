import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Scope } from '../../contracts/access/scopes';

export type { Scope };

/** Who asks, and what for: the first argument of every use case. */
export interface Caller {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** The key that was shown, itself or by its session; null where none is needed. */
  readonly keyId: string | null;
  /** When the session ends that let the caller in; undefined where a key did, or the machine itself. */
  readonly sessionExpiresAtMs?: number | undefined;
}

/** What is known of a request while it is answered. */
interface Context {
  /** Also in problem documents, in logs and in the header X-Request-Id. */
  readonly requestId: string;
  /** Null where nobody is known. */
  caller: Caller | null;
  /** The answer is for people: problems are pages. */
  isPage: boolean;
}

export const contextOf = (response: Response): Context => response.locals as Context;

/** Gives every request an id; who asks is found out next (server/access). */
export const requestContext: RequestHandler = (_request, response, next) => {
  const context: Context = { requestId: randomUUID(), caller: null, isPage: false };
  Object.assign(response.locals, context);
  response.set('X-Request-Id', context.requestId);
  next();
};

/** Answers of these routes are for people: their problems are pages. */
export const forPeople: RequestHandler = (_request, response, next) => {
  contextOf(response).isPage = true;
  next();
};
