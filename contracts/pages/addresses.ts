/**
 * The pages of the web application, as patterns that its router and the server both read. The server answers each with
 * the same document; what it shows is the application's business.
 */
export const PAGES = {
  jobs: '/',
  job: '/jobs/:id',
  report: '/jobs/:id/report',
  photos: '/jobs/:id/photos',
  upload: '/new',
  scene: '/jobs/:id/scene',
  compare: '/compare/:a/:b',
  usage: '/usage',
  settings: '/settings',
  signIn: '/sign-in',
} as const;

export type PageName = keyof typeof PAGES;
