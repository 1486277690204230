import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { SharePageView } from '../../contracts/access/share-schema';
import { answer, api } from '../api/client';
import { account } from '../i18n/en/account';
import { jobPage } from '../ui/address';
import { relative, time } from '../ui/format';
import { useNow } from '../ui/now';
import { Problem } from '../ui/problem';
import { RemoveDialog } from './remove-dialog';

const words = account.settings.shares;
const SHARES = ['shares'];
type Share = SharePageView['shares'][number];

/** The links to all jobs, the newest first; who may change jobs can revoke those that still open something. */
export function Shares({ mayRevoke }: { readonly mayRevoke: boolean }): ReactNode {
  const [asked, setAsked] = useState<Share | null>(null);
  const nowMs = useNow();
  const list = useInfiniteQuery({
    queryKey: [...SHARES, 'all'],
    queryFn: async ({ pageParam, signal }): Promise<SharePageView> => {
      const query = { limit: 50, ...(pageParam !== null && { cursor: pageParam }) };
      return await answer(api.GET('/v1/shares', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const shares = list.data?.pages.flatMap((page) => page.shares) ?? [];
  return (
    <section className="card">
      <h2>{words.title}</h2>
      <p className="quiet">{words.text}</p>
      {list.error !== null && <Problem error={list.error} />}
      {list.data !== undefined && shares.length === 0 && <p className="quiet">{words.none}</p>}
      <ul className="settings-list" aria-label={words.title}>
        {shares.map((share) => {
          const over = whyOver(share, nowMs);
          return (
            <li key={share.shareId} className={over === null ? '' : 'over'}>
              <div>
                <Link href={jobPage(share.jobId)}>
                  <strong>{share.jobName ?? share.jobId}</strong>
                </Link>
                <p>
                  {share.scopes.map((scope) => words.scopes[scope]).join(', ')} ·{' '}
                  {words.made(relative(share.createdAt, nowMs))} ·{' '}
                  {over ?? (share.expiresAt === null ? words.forever : words.until(time(share.expiresAt)))}
                </p>
              </div>
              {over === null && mayRevoke && (
                <button type="button" className="danger" onClick={() => setAsked(share)}>
                  {words.revoke}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {list.hasNextPage && (
        <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </button>
      )}
      {asked !== null && (
        <RemoveDialog
          action={words.revoke}
          question={words.askRevoke(asked.jobName ?? asked.jobId)}
          remove={() => {
            const { jobId, shareId } = asked;
            return answer(api.DELETE('/v1/jobs/{jobId}/shares/{shareId}', { params: { path: { jobId, shareId } } }));
          }}
          shownIn={SHARES}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  );
}

function whyOver({ revokedAt, expiresAt }: Share, nowMs: number): string | null {
  if (revokedAt !== null) return words.revoked;
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? words.expired : null;
}
