import type { Argv } from 'yargs';
import type { paths } from '../../contracts/generated/api';
import { JOB_STATES } from '../../contracts/job/state';
import type { JobListEntry } from '../../contracts/job/view';
import { PRESETS } from '../../contracts/stages/presets';
import type { Take } from '../command';
import { answered } from '../server/spaceport-api';
import { namesOf } from '../syntax/options';
import { asked, asks, count, given, moment, text, time, type Routes } from '../syntax/request';
import { jobList } from '../text/job-list';

const PAGE = 100;
const DEFAULT_LIMIT = 20;

type Filter = NonNullable<paths['/v1/jobs']['get']['parameters']['query']>;

/** The list of jobs. */
export const jobListCommands = (program: Argv, take: Take): Argv =>
  program.command(
    'jobs',
    'The newest jobs',
    (jobs) =>
      asked(jobs)
        .option('state', { ...text, describe: JOB_STATES.join(',') })
        .option('preset', { choices: PRESETS, requiresArg: true })
        .option('text', { ...text, describe: 'Words of the name, the address of the photos or the id' })
        .option('batch', { ...text, describe: 'Those of a batch' })
        .option('after', { ...time, describe: 'Started then or later, such as 2027-01-31 or 2027-01-31T12:00:00Z' })
        .option('before', { ...time, describe: 'Started before then' })
        .option('limit', { ...count, default: DEFAULT_LIMIT, describe: 'How many at most' })
        .coerce('state', namesOf('--state', JOB_STATES)),
    asks(take, async ({ state, preset, text: words, batch, after, before, limit }, routes) => {
      const filter = given({
        state,
        preset,
        text: words,
        batch,
        createdAfter: moment(after),
        createdBefore: moment(before),
      });
      const answer = await newest(routes, filter, limit);
      return { answer, words: jobList(answer, Object.keys(filter).length > 0) };
    }),
  );

/** As many jobs as asked for, page by page. */
async function newest(routes: Routes, filter: Filter, limit: number): Promise<readonly JobListEntry[]> {
  const found: JobListEntry[] = [];
  let place: { readonly cursor?: string } | null = {};
  while (place !== null && found.length < limit) {
    const query: Filter = { ...filter, ...place, limit: Math.min(PAGE, limit - found.length) };
    const page: { readonly jobs: readonly JobListEntry[]; readonly nextCursor: string | null } = await answered(
      routes.GET('/v1/jobs', { params: { query } }),
    );
    found.push(...page.jobs);
    place = page.nextCursor === null ? null : { cursor: page.nextCursor };
  }
  return found;
}
