import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { answer, api } from './client';
import { listenToJobs, openEvents, type Connection, type LiveEvents } from './events';
import { keys } from './keys';
import { signInAgain } from './session';

const Live = createContext<LiveEvents | null>(null);

/** Listens to events for all that is within it. */
export function LiveJobs({ children }: { readonly children: ReactNode }): ReactNode {
  const cache = useQueryClient();
  const [live, setLive] = useState<LiveEvents | null>(null);
  useEffect(() => {
    const refused = (): void => void answer(api.GET('/v1/session')).catch(signInAgain);
    const events = listenToJobs({ cache, openSource: openEvents, page: document, refused });
    setLive(events);
    return () => events.close();
  }, [cache]);
  return <Live value={live}>{children}</Live>;
}

const never = (): (() => void) => () => undefined;

/** Whether events arrive. */
export function useConnection(): Connection {
  const live = useContext(Live);
  return useSyncExternalStore(live?.subscribe ?? never, () => live?.connection() ?? 'connecting');
}

/** The newest event of a job; undefined where none has come, as for jobs that ended long ago. */
export function useSnapshot(jobId: string): JobSnapshot | undefined {
  const { data } = useQuery<JobSnapshot>({ queryKey: keys.snapshot(jobId), queryFn: skipToken, gcTime: Infinity });
  return data;
}
