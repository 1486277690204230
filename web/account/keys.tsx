import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { SCOPES } from '../../contracts/access/scopes';
import type { KeyView } from '../../contracts/access/view-schema';
import { answer, api } from '../api/client';
import { account } from '../i18n/en/account';
import { relative } from '../ui/format';
import { useNow } from '../ui/now';
import { Problem } from '../ui/problem';
import { MakeDialog, textOf } from './make-dialog';
import { RemoveDialog } from './remove-dialog';

const words = account.settings.keys;
const KEYS = ['keys'];

/** The keys of the tenant: a new one is shown once, any can be revoked. */
export function Keys(): ReactNode {
  const [open, setOpen] = useState<'new' | KeyView | null>(null);
  const nowMs = useNow();
  const { data, error } = useQuery({
    queryKey: KEYS,
    queryFn: async ({ signal }) => (await answer(api.GET('/v1/keys', { signal }))).keys as readonly KeyView[],
  });
  const isOver = ({ revokedAt, expiresAt }: KeyView): boolean =>
    revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) < nowMs);
  const used = (at: string | null): string => (at === null ? words.never : relative(at, nowMs));
  return (
    <section className="card">
      <h2>{words.title}</h2>
      <p className="quiet">{words.text}</p>
      {error !== null && <Problem error={error} />}
      {data?.length === 0 && <p className="quiet">{words.none}</p>}
      <ul className="settings-list">
        {data?.map((key) => (
          <li key={key.keyId} className={isOver(key) ? 'over' : ''}>
            <div>
              <strong>{key.name}</strong> <code>{key.prefix}…</code>
              <p>
                {key.scopes.map((scope) => words[scope]).join(', ')} · {words.used}: {used(key.lastUsedAt)}
                {isOver(key) && ` · ${key.revokedAt === null ? words.expired : words.revoked}`}
              </p>
            </div>
            {!isOver(key) && (
              <button type="button" className="danger" onClick={() => setOpen(key)}>
                {words.revoke}
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => setOpen('new')}>
        {words.make}
      </button>
      {open === 'new' && <NewKey onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && <RevokeKey apiKey={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function NewKey({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <MakeDialog
      action={words.make}
      make={(values) => {
        const scopes = SCOPES.filter((scope) => values.has(scope));
        return answer(api.POST('/v1/keys', { body: { name: textOf(values, 'name'), scopes } }));
      }}
      secretOf={({ name, key }) => ({ title: name, secret: key })}
      text={words.shown}
      shownIn={KEYS}
      onClose={onClose}
    >
      <label className="field">
        {words.name}
        <input name="name" required maxLength={100} autoFocus />
      </label>
      <fieldset>
        <legend>{words.scopes}</legend>
        {SCOPES.map((scope) => (
          <label key={scope}>
            <input type="checkbox" name={scope} defaultChecked={scope !== 'admin'} />
            {words[scope]}
          </label>
        ))}
      </fieldset>
    </MakeDialog>
  );
}

function RevokeKey({ apiKey, onClose }: { readonly apiKey: KeyView; readonly onClose: () => void }): ReactNode {
  const { keyId, name } = apiKey;
  return (
    <RemoveDialog
      action={words.revoke}
      question={words.askRevoke(name)}
      remove={() => answer(api.DELETE('/v1/keys/{keyId}', { params: { path: { keyId } } }))}
      shownIn={KEYS}
      onClose={onClose}
    />
  );
}
