import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { EndpointView } from '../../contracts/webhooks/view-schema';
import { answer, api } from '../api/client';
import { ApiProblem } from '../api/problem';
import { account } from '../i18n/en/account';
import { Problem } from '../ui/problem';
import { MakeDialog, textOf } from './make-dialog';
import { RemoveDialog } from './remove-dialog';

const words = account.settings.webhooks;
const WEBHOOKS = ['webhooks'];

/** Addresses that are told of events: made with a secret that is shown once, tried, switched off, deleted. */
export function Webhooks(): ReactNode {
  const [open, setOpen] = useState<'new' | EndpointView | null>(null);
  const { data, error } = useQuery({
    queryKey: WEBHOOKS,
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/v1/webhooks', { signal }))).endpoints as readonly EndpointView[],
  });
  // A deployment without them says so where one is made.
  const isOff = error instanceof ApiProblem && error.code === 'WEBHOOKS_OFF';
  return (
    <section className="card">
      <h2>{words.title}</h2>
      <p className="quiet">{words.text}</p>
      {error !== null && !isOff && <Problem error={error} />}
      {data?.length === 0 && <p className="quiet">{words.none}</p>}
      <ul className="settings-list">
        {data?.map((endpoint) => (
          <Endpoint key={endpoint.endpointId} endpoint={endpoint} onRemove={() => setOpen(endpoint)} />
        ))}
      </ul>
      <button type="button" onClick={() => setOpen('new')}>
        {words.make}
      </button>
      {open === 'new' && <NewWebhook onClose={() => setOpen(null)} />}
      {open !== null && open !== 'new' && <RemoveWebhook endpoint={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

interface EndpointProps {
  readonly endpoint: EndpointView;
  readonly onRemove: () => void;
}

function Endpoint({ endpoint: { endpointId, url, enabled, disabled }, onRemove }: EndpointProps): ReactNode {
  const cache = useQueryClient();
  const params = { path: { endpointId } };
  const change = useMutation({
    mutationFn: () => answer(api.PATCH('/v1/webhooks/{endpointId}', { params, body: { enabled: !enabled } })),
    onSettled: () => cache.invalidateQueries({ queryKey: WEBHOOKS }),
  });
  const test = useMutation({ mutationFn: () => answer(api.POST('/v1/webhooks/{endpointId}/test', { params })) });
  const failed = test.error ?? change.error;
  return (
    <li className={enabled ? '' : 'over'}>
      <div>
        <strong>{url}</strong>
        {!enabled && <p>{disabled?.by === 'failures' ? words.givenUp(disabled.reason) : words.disabled}</p>}
        <p role="status">{test.isSuccess ? words.tested : ''}</p>
        {failed !== null && <Problem error={failed} />}
      </div>
      <div className="actions">
        {(enabled || disabled?.by === 'failures') && (
          <button type="button" disabled={test.isPending} onClick={() => test.mutate()}>
            {words.test}
          </button>
        )}
        <button type="button" disabled={change.isPending} onClick={() => change.mutate()}>
          {enabled ? words.disable : words.enable}
        </button>
        <button type="button" className="danger" onClick={onRemove}>
          {words.remove}
        </button>
      </div>
    </li>
  );
}

function NewWebhook({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <MakeDialog
      action={words.make}
      make={(values) => answer(api.POST('/v1/webhooks', { body: { url: textOf(values, 'url') } }))}
      secretOf={({ url, secret }) => ({ title: url, secret })}
      text={words.secret}
      shownIn={WEBHOOKS}
      onClose={onClose}
    >
      <label className="field">
        {words.url}
        <input name="url" type="url" required placeholder="https://" autoFocus />
      </label>
    </MakeDialog>
  );
}

function RemoveWebhook({
  endpoint,
  onClose,
}: {
  readonly endpoint: EndpointView;
  readonly onClose: () => void;
}): ReactNode {
  const { endpointId, url } = endpoint;
  return (
    <RemoveDialog
      action={words.remove}
      question={words.askRemove(url)}
      remove={() => answer(api.DELETE('/v1/webhooks/{endpointId}', { params: { path: { endpointId } } }))}
      shownIn={WEBHOOKS}
      onClose={onClose}
    />
  );
}
