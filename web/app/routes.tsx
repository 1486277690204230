import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import { PAGES, type PageName } from '../../contracts/pages/addresses';
import type { PageProps } from './page-props';

type Page = LazyExoticComponent<ComponentType<PageProps>>;

/** Each page is a chunk of its own. */
const COMPONENTS: Readonly<Record<PageName, Page>> = {
  jobs: lazy(() => import('../jobs/jobs-page')),
  job: lazy(() => import('../job/job-page')),
  report: lazy(() => import('../report/report-page')),
  photos: lazy(() => import('../photos/photos-page')),
  usage: lazy(() => import('../account/usage-page')),
  settings: lazy(() => import('../account/settings-page')),
  signIn: lazy(() => import('../account/sign-in-page')),
  upload: lazy(() => import('../upload/upload-page')),
  scene: lazy(() => import('../scene-page/scene-page')),
  compare: lazy(() => import('../scene-page/compare-page')),
};

export const ROUTES: readonly { readonly path: string; readonly page: Page }[] = (Object.keys(PAGES) as PageName[]).map(
  (name) => ({ path: PAGES[name], page: COMPONENTS[name] }),
);
