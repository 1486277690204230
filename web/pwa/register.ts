/** Makes the application installable and lets it open without a network, where the browser and the address allow it. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // After what the page needs first. A browser that refuses (private windows, policies) goes on without.
  addEventListener('load', () => void navigator.serviceWorker.register('/app/sw.js', { scope: '/' }).catch(() => null));
}
