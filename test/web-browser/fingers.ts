import type { Page } from '@playwright/test';

/** CSS pixels of the page. */
interface Finger {
  readonly x: number;
  readonly y: number;
}

/** Fingers on a page of a phone, as the system tells the browser of them: pages scroll by them, too. */
export async function fingersOn(
  page: Page,
): Promise<(type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: Finger[]) => Promise<unknown>> {
  const session = await page.context().newCDPSession(page);
  return (type, ...touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
}

/** One finger, from a place so far up; the page has moved when this returns, if it does. */
export async function swipeUp(page: Page, { x, y }: Finger, pixels: number): Promise<void> {
  const touch = await fingersOn(page);
  await touch('touchStart', { x, y });
  for (let step = 1; step <= 5; step += 1) await touch('touchMove', { x, y: y - (step * pixels) / 5 });
  await touch('touchEnd');
}
