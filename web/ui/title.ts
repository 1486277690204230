import { useEffect } from 'react';
import { app as words } from '../i18n/en/app';

/** The name of the page in the browser's tab and history. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = words.title(page);
  }, [page]);
}
