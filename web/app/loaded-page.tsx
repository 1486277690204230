import { useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { app as words } from '../i18n/en/app';
import type { PageProps } from './page-props';

type Page = ComponentType<PageProps>;
export type LoadPage = () => Promise<{ readonly default: Page }>;

/** Pages that were shown before are there at once. */
const loaded = new Map<LoadPage, Page>();

interface Props extends PageProps {
  readonly load: LoadPage;
}

/**
 * A page that is loaded when it is shown. Fails, for the boundary around it, where it cannot be. React's own `lazy` would
 * let a page wait for 300 ms behind the words that say that it is loading, however soon it is there: React keeps what
 * stands in place of something that long.
 */
export function LoadedPage({ load, params }: Props): ReactNode {
  const [Shown, setShown] = useState<Page | null>(() => loaded.get(load) ?? null);
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => {
    let hasLeft = false;
    load().then(
      ({ default: page }) => {
        loaded.set(load, page);
        if (!hasLeft) setShown(() => page);
      },
      (cause: unknown) => {
        if (!hasLeft) setFailure(new Error('the page could not be loaded', { cause }));
      },
    );
    return () => {
      hasLeft = true;
    };
  }, [load]);
  if (failure !== null) throw failure;
  return Shown === null ? <p className="loading">{words.loading}</p> : <Shown params={params} />;
}
