import { useEffect, useRef, type ReactNode } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { PAGES } from '../../contracts/pages/addresses';
import { LiveJobs, useConnection } from '../api/live';
import { app as words } from '../i18n/en/app';
import { ErrorBoundary } from './error-boundary';
import { Header } from './header';
import { LoadedPage } from './loaded-page';
import { NotFoundPage } from './not-found-page';
import { ROUTES } from './routes';
import './shell.css';

/** The frame of every page: header, what failed, and the page of this address. Who signs in has no jobs yet. */
export function Shell(): ReactNode {
  const [path] = useLocation();
  if (path === PAGES.signIn) return <Page path={path} />;
  return (
    <LiveJobs>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <Header />
      <Offline />
      <Page path={path} />
    </LiveJobs>
  );
}

function Page({ path }: { readonly path: string }): ReactNode {
  return (
    <Main path={path}>
      <ErrorBoundary key={path}>
        <Switch>
          {ROUTES.map(({ path: pattern, load }) => (
            <Route key={pattern} path={pattern}>
              {(params) => <LoadedPage load={load} params={params} />}
            </Route>
          ))}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </ErrorBoundary>
    </Main>
  );
}

/** Takes the focus when another page is opened, so that screen readers and the keyboard begin there. */
function Main({ path, children }: { readonly path: string; readonly children: ReactNode }): ReactNode {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {children}
    </main>
  );
}

function Offline(): ReactNode {
  const connection = useConnection();
  return (
    <p className="offline" role="status" data-connection={connection}>
      {connection === 'connecting' ? words.offline : ''}
    </p>
  );
}
