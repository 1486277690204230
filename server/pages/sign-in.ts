import type { RequestHandler } from 'express';
import { contextOf } from '../http/context';

/** Leads people who have not signed in to the page where they can, and back afterwards. */
export const signedInOnly: RequestHandler = (request, response, next) => {
  if (contextOf(response).caller === null)
    response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  else next();
};
