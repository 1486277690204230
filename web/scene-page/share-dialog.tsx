import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Copy } from 'lucide-react';
import { useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import type { ShareDetail, ShareScope } from '../../contracts/access/scopes';
import { answer, api } from '../api/client';
import { problemWords } from '../api/problem';
import { scene as words } from '../i18n/en/scene';
import { time } from '../ui/format';
import { PanelDialog } from './panel-dialog';

const SCOPES: readonly ShareScope[] = ['view', 'measure', 'download'];
const DETAILS: readonly ShareDetail[] = ['position', 'fileNames', 'cost', 'email'];
const DAYS = [7, 30, 365, 0] as const;
const DAY_MS = 86_400_000;

/** Makes links for people without a key, and revokes them. */
export function ShareDialog({ jobId, onClose }: { readonly jobId: string; readonly onClose: () => void }): ReactNode {
  const cache = useQueryClient();
  const path = { jobId };
  const [days, setDays] = useState<(typeof DAYS)[number]>(30);
  const [scopes, setScopes] = useState<readonly ShareScope[]>(['view']);
  const [shows, setShows] = useState<readonly ShareDetail[]>([]);
  const queryKey = ['shares', jobId];
  const shares = useQuery({
    queryKey,
    queryFn: () => answer(api.GET('/v1/jobs/{jobId}/shares', { params: { path } })),
  });
  const changed = (): Promise<void> => cache.invalidateQueries({ queryKey });
  const make = useMutation({
    mutationFn: () => {
      const expiresAt = days === 0 ? null : new Date(Date.now() + days * DAY_MS).toISOString();
      const body = { scopes: [...scopes], shows: [...shows], expiresAt };
      return answer(api.POST('/v1/jobs/{jobId}/shares', { params: { path }, body }));
    },
    onSuccess: changed,
  });
  const revoke = useMutation({
    mutationFn: (shareId: string) =>
      answer(api.DELETE('/v1/jobs/{jobId}/shares/{shareId}', { params: { path: { ...path, shareId } } })),
    onSuccess: changed,
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    make.mutate();
  };
  const { token = null } = make.data ?? {};
  const error = make.error ?? revoke.error ?? shares.error;
  return (
    <PanelDialog heading={words.share.heading} onClose={onClose}>
      <p className="quiet">{words.share.text}</p>
      <form onSubmit={submit}>
        <Choices
          legend={words.share.allow}
          all={SCOPES}
          names={words.share.scopes}
          chosen={scopes}
          fixed="view"
          onChange={setScopes}
        />
        <Choices legend={words.share.show} all={DETAILS} names={words.share.shows} chosen={shows} onChange={setShows} />
        <label>
          {words.share.expires}
          <select value={days} onChange={(event) => setDays(Number(event.target.value) as typeof days)}>
            {DAYS.map((each) => (
              <option key={each} value={each}>
                {words.share.days[each]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="primary" disabled={make.isPending}>
          {words.share.make}
        </button>
      </form>
      {token !== null && <Made token={token} />}
      {error !== null && (
        <p className="bad" role="alert">
          {problemWords(error)}
        </p>
      )}
      <h3>{words.share.existing}</h3>
      {shares.data?.shares.length === 0 && <p className="quiet">{words.share.none}</p>}
      <ul className="shares">
        {shares.data?.shares.map(({ shareId, scopes: allowed, expiresAt, revokedAt }) => {
          const isOver = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
          const { state, until, forever } = words.share;
          return (
            <li key={shareId}>
              <span>
                {allowed.map((scope) => words.share.scopes[scope]).join(', ')}
                <small>
                  {revokedAt !== null ? state.revoked : isOver ? state.expired : state.live},{' '}
                  {expiresAt === null ? forever : until(time(expiresAt))}
                </small>
              </span>
              {revokedAt === null && !isOver && (
                <button type="button" className="danger" onClick={() => revoke.mutate(shareId)}>
                  {words.share.revoke}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </PanelDialog>
  );
}

function Choices<T extends string>(props: {
  readonly legend: string;
  readonly all: readonly T[];
  readonly names: Readonly<Record<T, string>>;
  readonly chosen: readonly T[];
  readonly fixed?: T;
  readonly onChange: (chosen: readonly T[]) => void;
}): ReactNode {
  const { legend, all, names, chosen, fixed, onChange } = props;
  return (
    <fieldset>
      <legend>{legend}</legend>
      {all.map((each) => (
        <label key={each} className="choice">
          <input
            type="checkbox"
            checked={chosen.includes(each)}
            disabled={each === fixed}
            onChange={({ target }) =>
              onChange(target.checked ? [...chosen, each] : chosen.filter((one) => one !== each))
            }
          />{' '}
          {names[each]}
        </label>
      ))}
    </fieldset>
  );
}

function Made({ token }: { readonly token: string }): ReactNode {
  const url = `${location.origin}/s/${token}`;
  const embed = `<iframe src="${location.origin}/embed/${token}" width="960" height="540" allowfullscreen></iframe>`;
  return (
    <div className="share-made">
      <Copied label={words.share.made} text={url} />
      <Copied label={words.share.embed} text={embed} />
    </div>
  );
}

function Copied({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  const [done, setDone] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = (): void => {
    field.current?.select();
    // Without TLS there is no clipboard: the text is selected at least.
    const written = (navigator.clipboard as Clipboard | undefined)?.writeText(text);
    void written?.then(() => setDone(true));
  };
  return (
    <label>
      {label}
      <span className="copied">
        <input ref={field} readOnly value={text} onFocus={(event) => event.target.select()} />
        <button type="button" onClick={copy}>
          <Copy size={16} aria-hidden /> {done ? words.share.copied : words.share.copy}
        </button>
      </span>
    </label>
  );
}
