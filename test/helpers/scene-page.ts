import type { Page } from '@playwright/test';
import { vectorOf } from '../../web/measure/vectors';
import { eyeOf, fitted, fromView, type Box, type Pose, type Size } from '../../web/scene/pose';

/** The page of a scene, as tests in a browser look at it. */

type Numbers = readonly number[];
/** What the opening view follows from. */
export interface Opening {
  readonly subject: { readonly min: Numbers; readonly max: Numbers };
  readonly openingView: { readonly position: Numbers; readonly target: Numbers; readonly fieldOfViewDeg: number };
}

export const isDrawn = (page: Page): Promise<void> =>
  page.locator('.scene-view[data-phase="ready"]').waitFor({ timeout: 60_000 });

/** Counts in `drawings` what a page tells the graphics to draw. */
export const countDrawings = (page: Page): Promise<unknown> =>
  page.addInitScript(`{
    globalThis.drawings = 0;
    const calls = WebGL2RenderingContext.prototype;
    for (const name of Object.getOwnPropertyNames(calls).filter((each) => /^(draw(Arrays|Elements)|clear$)/.test(each))) {
      const own = calls[name];
      calls[name] = function (...values) {
        globalThis.drawings += 1;
        return own.apply(this, values);
      };
    }
  }`);

/** Where the page's camera stands when the scene opens in a picture of that size. */
export function openingPose({ subject, openingView }: Opening, size: Size): Pose {
  const box: Box = { min: vectorOf(subject.min), max: vectorOf(subject.max) };
  const { position, target, fieldOfViewDeg } = openingView;
  return fitted(fromView({ eye: vectorOf(position), target: vectorOf(target), fieldOfViewDeg }), size, box);
}

/** Presses the button that saves the picture. */
export async function savePicture(page: Page, file: string): Promise<void> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save picture' }).click(),
  ]);
  await download.saveAs(file);
}

/** What the first picture is to be compared with: the camera, and the colour behind the scene, 0 to 1 a channel. */
export async function shownFirst(
  page: Page,
  opening: Opening,
): Promise<{ position: Numbers; target: Numbers; background: Numbers }> {
  const view = page.locator('.scene-view');
  const { width = 1, height = 1 } = (await view.boundingBox()) ?? {};
  const colour = String(await page.evaluate(`getComputedStyle(document.querySelector('.scene-view')).backgroundColor`));
  const pose = openingPose(opening, { width, height });
  const background = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((channel) => Number(channel) / 255);
  return { position: eyeOf(pose), target: pose.target, background };
}
