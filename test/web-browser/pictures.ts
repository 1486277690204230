import type { Page } from '@playwright/test';

/** Where pictures of all pages are wanted, `LOOK=folder npm test -- web-browser` writes them there, for a person to see. */
const FOLDER = process.env.LOOK;

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** Pictures of a page on a desktop and a phone, light and dark; nothing where none are wanted. */
export async function look(page: Page, name: string): Promise<void> {
  if (FOLDER === undefined) return;
  for (const [size, viewport] of Object.entries(SIZES))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await page.evaluate('scrollTo(0, 0)'); // else the header stands in the middle
      await page.screenshot({
        path: `${FOLDER}/${name}-${size}-${colorScheme}.png`,
        fullPage: true,
        animations: 'disabled',
      });
    }
  await page.setViewportSize(SIZES.desktop);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** A page as it is printed; nothing where no pictures are wanted. */
export async function print(page: Page, name: string): Promise<void> {
  if (FOLDER !== undefined) await page.pdf({ path: `${FOLDER}/${name}.pdf`, format: 'A4' });
}
