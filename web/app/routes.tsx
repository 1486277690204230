import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import { PAGES, type PageName } from '../../contracts/pages/addresses';

/** What a page gets: the parts of its address that its pattern names. */
export interface PageProps {
  readonly params: Readonly<Record<string, string | undefined>>;
}

type Page = LazyExoticComponent<ComponentType<PageProps>>;

/** Each page is a chunk of its own. */
const COMPONENTS: Readonly<Record<PageName, Page>> = {
  upload: lazy(() => import('../upload/upload-page')),
  scene: lazy(() => import('../scene-page/scene-page')),
  compare: lazy(() => import('../scene-page/compare-page')),
};

export const ROUTES: readonly { readonly path: string; readonly page: Page }[] = (Object.keys(PAGES) as PageName[]).map(
  (name) => ({ path: PAGES[name], page: COMPONENTS[name] }),
);
