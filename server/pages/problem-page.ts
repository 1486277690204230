import { html, type Markup } from '../../platform/html';
import { layoutPage } from './layout';

/** For a person who followed a link to something that cannot be shown. */
export const problemPage = ({ title, detail }: { readonly title: string; readonly detail: string }): Markup =>
  layoutPage({
    title,
    main: html`<h1>${title}</h1>
<p>${detail.charAt(0).toUpperCase() + detail.slice(1)}.</p>
<p><a href="/">All jobs</a></p>`,
  });
