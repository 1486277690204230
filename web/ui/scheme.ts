import { useSyncExternalStore } from 'react';

const dark = matchMedia('(prefers-color-scheme: dark)');

function subscribe(listener: () => void): () => void {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
}

/** Whether people want dark pages now; for what is painted in a canvas, which style sheets do not reach. */
export const useDark = (): boolean => useSyncExternalStore(subscribe, () => dark.matches);
