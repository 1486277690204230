import type { JobState } from '../../../contracts/job/state';

/** Words of the list of jobs and of the page of one. */
export const jobs = {
  title: 'Jobs',
  upload: 'New scene',
  search: 'Search names and places',
  filters: { label: 'Which jobs', all: 'All', working: 'Working', parked: 'Needs you', done: 'Done', ended: 'Failed' },
  empty: {
    title: 'Turn photos into a 3D scene',
    text: 'Choose the photos of a flight, or of a walk around something. They are checked here, before anything is sent, and you see what the scene will cost before it starts.',
    action: 'Choose photos',
  },
  noMatch: 'No job matches.',
  showAll: 'Show all jobs',
  more: 'Show more',
  photos: (count: string) => `${count} photos`,
  started: (when: string) => `started ${when}`,
  startsAt: (when: string) => `starts ${when}`,
  spent: 'Cost so far',
  cost: 'Cost',
  ofStage: (step: string, percent: string) => `${step}, ${percent}`,
  batches: 'Batches',
  batch: (name: string) => `Jobs of the batch ${name}`,
  batchDone: (done: string, all: string) => `${done} of ${all} done`,
  unnamedBatch: 'Batch',
  live: {
    /** Said by screen readers when a job changes. */
    state: (name: string, state: string) => `${name}: ${state}`,
  },
  poster: (name: string) => `Picture of ${name}`,
} as const;

/** Groups of states that people look for together. */
export const STATE_GROUPS = {
  working: ['queued', 'running', 'waiting', 'cancelling'],
  parked: ['parked'],
  done: ['succeeded'],
  ended: ['failed', 'cancelled'],
} as const satisfies Record<string, readonly JobState[]>;
