import { useEffect, useState, useSyncExternalStore } from 'react';

/** Asks before the page is left, while `isBusy`. */
export function useLeaveGuard(isBusy: boolean): void {
  useEffect(() => {
    if (!isBusy) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isBusy]);
}

/** Whether the browser has a network; it may lead nowhere. */
export const useOnline = (): boolean => useSyncExternalStore(subscribeOnline, () => navigator.onLine);

function subscribeOnline(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Keeps the screen on while `isBusy`, where the browser allows it; a phone that sleeps stops sending. True while it does. */
export function useWakeLock(isBusy: boolean): boolean {
  const [isAwake, setIsAwake] = useState(false);
  useEffect(() => {
    if (!isBusy || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let isOver = false;
    const take = async (): Promise<void> => {
      if (document.visibilityState !== 'visible') return; // the browser gives it back when the page is hidden
      const taken = await navigator.wakeLock.request('screen').catch(() => null);
      if (isOver) return void taken?.release();
      lock = taken;
      setIsAwake(taken !== null);
    };
    const again = (): void => void take();
    document.addEventListener('visibilitychange', again);
    void take();
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', again);
      setIsAwake(false);
      void lock?.release();
    };
  }, [isBusy]);
  return isAwake;
}
