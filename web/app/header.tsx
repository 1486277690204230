import type { ReactNode } from 'react';
import { Link, useRoute } from 'wouter';
import { PAGES } from '../../contracts/pages/addresses';
import { app as words } from '../i18n/en/app';

/** The way to the pages that are not about one job. */
export function Header(): ReactNode {
  return (
    <header className="top">
      <Link href="/" className="brand">
        <img src="/app/icon.svg" alt="" width="28" height="28" />
        {words.name}
      </Link>
      <nav aria-label={words.nav.label}>
        <NavLink to="/">{words.nav.jobs}</NavLink>
        <NavLink to={PAGES.upload}>{words.nav.upload}</NavLink>
        <NavLink to={PAGES.usage}>{words.nav.usage}</NavLink>
        <NavLink to={PAGES.settings}>{words.nav.settings}</NavLink>
      </nav>
    </header>
  );
}

function NavLink({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactNode {
  const [isHere] = useRoute(to);
  return (
    <Link href={to} aria-current={isHere ? 'page' : undefined}>
      {children}
    </Link>
  );
}
