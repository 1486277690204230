import { PAGES, type PageName } from '../../contracts/pages/addresses';
import type { LoadPage } from './loaded-page';

/** Each page is a chunk of its own; the server's document names them to the browser (server/pages/web-app.ts). */
const LOAD: Readonly<Record<PageName, LoadPage>> = {
  jobs: () => import('../jobs/jobs-page'),
  job: () => import('../job/job-page'),
  report: () => import('../report/report-page'),
  photos: () => import('../photos/photos-page'),
  usage: () => import('../account/usage-page'),
  settings: () => import('../account/settings-page'),
  signIn: () => import('../account/sign-in-page'),
  upload: () => import('../upload/upload-page'),
  scene: () => import('../scene-page/scene-page'),
  compare: () => import('../scene-page/compare-page'),
};

export const ROUTES: readonly { readonly path: string; readonly load: LoadPage }[] = (
  Object.keys(PAGES) as PageName[]
).map((name) => ({ path: PAGES[name], load: LOAD[name] }));
