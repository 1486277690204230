import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { answer, api } from '../api/client';
import { problemWords } from '../api/problem';
import { scene as words } from '../i18n/en/scene';
import { comparePage } from '../ui/address';
import { time } from '../ui/format';
import { PanelDialog } from './panel-dialog';

/** As many of the newest are offered. */
const MOST = 50;

/** Scenes beside which one can be looked at. */
export function CompareDialog({ jobId, onClose }: { readonly jobId: string; readonly onClose: () => void }): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['scenes beside', jobId],
    queryFn: ({ signal }) =>
      answer(api.GET('/v1/jobs', { params: { query: { state: ['succeeded'], limit: MOST } }, signal })),
  });
  const others = data?.jobs.filter((job) => job.jobId !== jobId);
  return (
    <PanelDialog heading={words.compare.choose} onClose={onClose}>
      {error !== null && <p className="bad">{problemWords(error)}</p>}
      {others?.length === 0 && <p className="quiet">{words.compare.none}</p>}
      <ul className="shares">
        {others?.map((other) => (
          <li key={other.jobId}>
            <Link href={comparePage(jobId, other.jobId)} autoFocus={other === others[0]}>
              {other.name}
              <small>{time(other.createdAt)}</small>
            </Link>
          </li>
        ))}
      </ul>
    </PanelDialog>
  );
}
