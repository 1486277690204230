import type { Response } from 'express';
import { LOCAL_TENANT } from '../../contracts/job/record';
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

/** Throws FORBIDDEN for administrators of other tenants; `what` is what only operators see. */
export function onlyOperators({ tenant }: Caller, what: string): void {
  if (tenant !== LOCAL_TENANT)
    throw new Problem('FORBIDDEN', `only administrators of the tenant "${LOCAL_TENANT}" see ${what}`);
}
