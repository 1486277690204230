import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { app as words } from '../i18n/en/app';
import { useTitle } from '../ui/title';

interface Props {
  readonly title?: string;
  readonly text?: string;
}

/** An address that leads nowhere, or to something that is not there or not yours. */
export function NotFoundPage({ title = words.notFound.title, text = words.notFound.text }: Props): ReactNode {
  useTitle(title);
  return (
    <section className="message-page">
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <Link href="/" className="button primary">
          {words.notFound.home}
        </Link>
      </p>
    </section>
  );
}
