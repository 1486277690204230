import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { SessionView } from '../../contracts/access/view-schema';
import { PAGES } from '../../contracts/pages/addresses';
import { answer, api } from '../api/client';
import { account } from '../i18n/en/account';
import { Problem } from '../ui/problem';
import { useTitle } from '../ui/title';
import { Keys } from './keys';
import { Shares } from './shares';
import { Units } from './units';
import { Webhooks } from './webhooks';
import './account.css';

const words = account.settings;

/** Who is signed in, units, API keys, who is told of events, and links for people without a key. */
export default function SettingsPage(): ReactNode {
  useTitle(words.title);
  const { data: session, error } = useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }): Promise<SessionView> =>
      (await answer(api.GET('/v1/session', { signal }))) as SessionView,
  });
  return (
    <>
      <div className="page-head">
        <h1>{words.title}</h1>
      </div>
      {error !== null && <Problem error={error} />}
      {session !== undefined && (
        <>
          <Session session={session} />
          <Units />
          {session.scopes.includes('admin') && <Keys />}
          {session.scopes.includes('admin') && <Webhooks />}
          <Shares mayRevoke={session.scopes.includes('write')} />
        </>
      )}
    </>
  );
}

function Session({ session: { tenant, scopes, expiresAt } }: { readonly session: SessionView }): ReactNode {
  const signOut = useMutation({
    mutationFn: () => answer(api.DELETE('/v1/session')),
    onSuccess: () => location.assign(PAGES.signIn),
  });
  const { session, keys } = words;
  return (
    <section className="card">
      <h2>{session.title}</h2>
      <dl className="facts">
        <div>
          <dt>{session.tenant}</dt>
          <dd>{tenant}</dd>
        </div>
        <div>
          <dt>{session.may}</dt>
          <dd>{scopes.map((scope) => keys[scope]).join(', ')}</dd>
        </div>
      </dl>
      {signOut.isError && <Problem error={signOut.error} />}
      {expiresAt !== null && (
        <p className="actions note">
          <button type="button" onClick={() => signOut.mutate()}>
            {session.out}
          </button>
        </p>
      )}
    </section>
  );
}
