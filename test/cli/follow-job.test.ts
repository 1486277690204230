import { watchJob } from '../../cli/commands/watch-job';
import { followJob, type FollowedJob } from '../../cli/server/follow-job';
import { SpaceportApi } from '../../cli/server/spaceport-api';
import { exitStatus } from '../../cli/text/job-summary';
import { failure } from '../../contracts/job/failures';
import { waitFor } from '../helpers/wait-for';
import { listeningServer, type ListeningServer } from '../server/events/listening';
import { jobRecord, NOW_MS, openRun } from '../server/helpers';

let server: ListeningServer;
afterEach(() => server.stop());

const JOB = 'job123456';
const inStep = (step: 'intake' | 'sfm'): void =>
  server.job(jobRecord({ state: 'running', step }), openRun({ historyLength: step === 'sfm' ? 2 : 1 }));
const end = (): void => {
  const times = { endedAtMs: NOW_MS, updatedAtMs: NOW_MS };
  server.job(jobRecord({ state: 'cancelled', ...times }), openRun({ status: 'CANCELLED', closedAtMs: NOW_MS }));
};
/** Follows the job and notes the steps and states that are told. */
function follow(signal = new AbortController().signal) {
  const told: string[] = [];
  const onNews = ({ state, step }: FollowedJob): void => void told.push(state === 'running' ? String(step) : state);
  return { told, end: followJob(new SpaceportApi(server.url), JOB, onNews, signal) };
}

test('a job is followed by its events, and its whole view is there at the end', async () => {
  server = await listeningServer();
  inStep('intake');
  const looks = jest.spyOn(server.store, 'deliveries'); // only a whole view has them
  const followed = follow();
  await waitFor('the first step', () => followed.told.includes('intake'));
  inStep('sfm');
  await waitFor('the next step', () => followed.told.includes('sfm'));
  expect(looks).not.toHaveBeenCalled();
  end();
  expect(await followed.end).toMatchObject({ state: 'cancelled', deliveries: [] });
  expect(new Set(followed.told)).toEqual(new Set(['intake', 'sfm', 'cancelled']));
});

test('a program is not kept waiting for a person: it is told that one is needed', async () => {
  server = await listeningServer();
  inStep('intake');
  const said: string[] = [];
  const watch = (forProgram: boolean, signal = new AbortController().signal) =>
    watchJob(new SpaceportApi(server.url), JOB, (line) => said.push(line), signal, { forProgram });
  const ended = watch(true);
  const parked = { state: 'parked', parkedUntilMs: NOW_MS + 3600_000 } as const;
  server.job(jobRecord({ ...parked, failure: failure('NO_PHOTOS', 'none') }), openRun({ historyLength: 2 }));
  const job = await ended;
  expect([job.state, exitStatus(job.state)]).toEqual(['parked', 2]);
  expect(said.join()).toContain('retry job123456');
  // A person reads that, and may retry elsewhere: the command goes on.
  const patience = new AbortController();
  const goesOn = watch(false, patience.signal);
  await waitFor('the news', () => said.length === 2);
  patience.abort(new Error('enough'));
  await expect(goesOn).rejects.toThrow('enough');
});

test('where the server does not let anybody listen, the job is looked at instead', async () => {
  server = await listeningServer({ perTenant: 0 });
  inStep('intake');
  const followed = follow();
  await waitFor('the first step', () => followed.told.includes('intake'));
  inStep('sfm');
  await waitFor('the next step', () => followed.told.includes('sfm'));
  end();
  expect(await followed.end).toMatchObject({ state: 'cancelled' });
});

test('streams that end before the job are opened again', async () => {
  server = await listeningServer({ lifeMs: 50 });
  inStep('intake');
  const followed = follow();
  await waitFor('several streams', () => followed.told.length > 4);
  end();
  expect(await followed.end).toMatchObject({ state: 'cancelled' });
});

test('an interruption ends it, and a job that does not exist is said', async () => {
  server = await listeningServer();
  inStep('intake');
  const interruption = new AbortController();
  const followed = follow(interruption.signal);
  await waitFor('the first step', () => followed.told.includes('intake'));
  interruption.abort(new Error('Ctrl-C'));
  await expect(followed.end).rejects.toThrow('Ctrl-C');
  server.store.records.clear();
  await expect(follow().end).rejects.toMatchObject({ status: 404 });
});
