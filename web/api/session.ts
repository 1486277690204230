import { ApiProblem } from './problem';

/** Leads to the page where one signs in, and from there back to this one, where that is what an error means. */
export function signInAgain(error: unknown): void {
  if (!(error instanceof ApiProblem) || error.status !== 401 || location.pathname === '/sign-in') return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}
