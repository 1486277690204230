import { useMutation } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { answer, api } from '../api/client';
import { ApiProblem, problemWords } from '../api/problem';
import { account } from '../i18n/en/account';
import { useTitle } from '../ui/title';
import './sign-in-page.css';

const words = account.signIn;
type Shown = { readonly key: string } | { readonly link: string };

/**
 * Exchanges an API key for a session; no page keeps it. With the link of a mail it asks for a click instead: programs
 * that look at the links of mails open them too, and must not use them up.
 */
export default function SignInPage(): ReactNode {
  useTitle(words.title);
  const [link] = useState(() => /^#link=(.+)$/.exec(location.hash)?.[1] ?? null);
  useEffect(() => {
    // Neither the address bar nor the history of the browser keeps it.
    if (link !== null) history.replaceState(null, '', location.pathname + location.search);
  }, [link]);
  const signIn = useMutation({
    mutationFn: (shown: Shown) => answer(api.POST('/v1/session', { body: shown })),
    // The document is asked for again: nothing of another session is left in the cache.
    onSuccess: () => location.assign(pageAskedFor()),
  });
  return (
    <form
      className="card sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const key = new FormData(event.currentTarget).get('key');
        signIn.mutate(link === null ? { key: typeof key === 'string' ? key.trim() : '' } : { link });
      }}
    >
      <img src="/app/icon.svg" alt="" width="48" height="48" />
      <h1>{words.title}</h1>
      <p>{link === null ? words.text : words.link}</p>
      {link === null && (
        <label className="field">
          {words.key}
          <input name="key" type="password" autoComplete="current-password" required autoFocus />
        </label>
      )}
      <p className="message" role="alert">
        {signIn.isError ? whyNot(signIn.error, link !== null) : ''}
      </p>
      <button type="submit" className="primary" disabled={signIn.isPending}>
        {words.action}
      </button>
    </form>
  );
}

const whyNot = (error: Error, byLink: boolean): string =>
  error instanceof ApiProblem && error.status === 401
    ? byLink
      ? words.linkOver
      : words.keyUnknown
    : problemWords(error);

/** Only pages of this site. */
function pageAskedFor(): string {
  const next = new URL(new URLSearchParams(location.search).get('next') ?? '/', location.origin);
  return next.origin === location.origin ? next.pathname + next.search : '/';
}
