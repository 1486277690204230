import type { Response } from 'express';
import { contextOf, type Caller } from '../http/context';
import { Problem } from '../http/problem';

/** Who asks. Throws UNAUTHENTICATED where nobody is known. */
export function callerOf(response: Response): Caller {
  const { caller } = contextOf(response);
  if (caller === null) throw unauthenticated('this needs an API key, or a session');
  return caller;
}

export const unauthenticated = (why: string): Problem =>
  new Problem('UNAUTHENTICATED', `${why}; send a valid key as "Authorization: Bearer KEY", or sign in`);
