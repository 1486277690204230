import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem';
import { signInAgain } from './session';

const RETRIES = 2;

/** The one cache of what the server has said. A session that is over leads to the page where one signs in. */
export const createCache = (): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({ onError: signInAgain }),
    defaultOptions: {
      queries: {
        // The event stream says what has changed; without it, a look every half minute is enough.
        staleTime: 30_000,
        refetchOnWindowFocus: true,
        retry: (failed, error) => isWorthAnotherTry(error) && failed < RETRIES,
      },
      mutations: { retry: false, onError: signInAgain },
    },
  });

/** Answers that were meant stay the same: only what the network or the server has lost is asked for again. */
const isWorthAnotherTry = (error: Error): boolean => !(error instanceof ApiProblem) || error.status >= 500;
