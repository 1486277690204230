import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Scope } from '../../contracts/access/scopes';
import { LOCAL_TENANT } from '../../contracts/job/record';

export type { Scope };

/** Who asks, and what for: the first argument of every use case. */
export interface Caller {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
}

/** What is known of a request while it is answered. */
interface Context {
  /** Also in problem documents, in logs and in the header X-Request-Id. */
  readonly requestId: string;
  readonly caller: Caller;
  /** The answer is for people: problems are pages. */
  isPage: boolean;
}

export const contextOf = (response: Response): Context => response.locals as Context;

export const callerOf = (response: Response): Caller => contextOf(response).caller;

/** Without logins every caller is the one local tenant, with all scopes. */
const LOCAL_CALLER: Caller = { tenant: LOCAL_TENANT, scopes: ['read', 'write', 'admin'] };

/** Gives every request an id and a caller. */
export const requestContext: RequestHandler = (_request, response, next) => {
  const context: Context = { requestId: randomUUID(), caller: LOCAL_CALLER, isPage: false };
  Object.assign(response.locals, context);
  response.set('X-Request-Id', context.requestId);
  next();
};

/** Answers of these routes are for people: their problems are pages. */
export const forPeople: RequestHandler = (_request, response, next) => {
  contextOf(response).isPage = true;
  next();
};
