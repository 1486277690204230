/** Words of the frame around all pages. */
export const app = {
  name: 'Spaceport',
  skip: 'Skip to the page',
  nav: { label: 'Pages', jobs: 'Jobs', upload: 'New scene', usage: 'Usage', settings: 'Settings' },
  loading: 'Loading…',
  offline: 'Not connected. What you see may be old; trying again.',
  title: (page: string) => `${page} · Spaceport`,
  notFound: {
    title: 'Nothing here',
    text: 'There is no page at this address. It may have been mistyped, or what it led to was erased.',
    home: 'All jobs',
  },
  broken: {
    title: 'This page has failed',
    text: 'That is a mistake of ours. Nothing of your jobs is lost.',
    again: 'Load the page again',
  },
  away: { title: 'This could not be loaded', again: 'Try again' },
} as const;
