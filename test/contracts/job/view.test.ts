import { estimate, uncalibrated } from '../../../contracts/estimates/estimate';
import type { WatchHeartbeat } from '../../../contracts/stages/progress';
import { jobLinks, jobState, jobView } from '../../../contracts/job/view';
import { testAttempt } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, testConfig } from '../../server/helpers';

const links = jobLinks(testConfig);
const heartbeat: WatchHeartbeat = {
  jobName: 'dev-job123456-training-a02',
  status: 'Training',
  progress: { phase: 'training', done: 250, total: 1000, metrics: { psnr: 18.2 } },
  startedAtMs: NOW_MS - 3_600_000,
  logStream: null,
  logToken: null,
};
const running = testAttempt({
  attempt: 2,
  jobName: heartbeat.jobName,
  status: 'Running',
  startedAtMs: null,
  endedAtMs: null,
  billedSeconds: 0,
  costUsd: 0,
});
const before = NOW_MS - 120_000;

test('a job whose calls meet a full disk says so, and that it continues by itself', () => {
  const obstacle = { code: 'DISK_FULL', message: 'the disk of this machine is full' } as const;
  const notice = (changes: Parameters<typeof openRun>[0]): string | null =>
    jobView(jobRecord({ state: 'running', notice: null }), openRun(changes), links, NOW_MS).notice;
  expect(notice({ obstacle })).toMatch(/^The disk is full: the disk of this machine is full\. The job continues/);
  expect(notice({ obstacle, status: 'FAILED' })).toBeNull();
});

describe("a job's state", () => {
  test.each([
    ['no run is known', jobRecord({ state: 'parked' }), null, 'parked'],
    [
      'the open run has moved on and its record is not yet saved',
      jobRecord({ state: 'running' }),
      openRun({ state: 'parked' }),
      'running',
    ],
    [
      'the record is final and its run still tells people',
      jobRecord({ state: 'succeeded' }),
      openRun({ state: 'running' }),
      'succeeded',
    ],
    [
      'a new run of a failed job has not written yet',
      jobRecord({ state: 'failed', updatedAtMs: before }),
      openRun({ state: 'queued' }),
      'queued',
    ],
    [
      'a new run has no attributes yet',
      jobRecord({ state: 'failed', updatedAtMs: before }),
      openRun({ state: null }),
      'queued',
    ],
    [
      'a new run was terminated before it wrote',
      jobRecord({ state: 'cancelled', updatedAtMs: before }),
      openRun({ status: 'TERMINATED' }),
      'failed',
    ],
    [
      'its run was reset, and has not written since: what the run says',
      jobRecord({ state: 'succeeded', updatedAtMs: before }),
      openRun({ runId: 'run-2', state: 'parked' }),
      'parked',
    ],
    [
      'its run was reset before it had said anything',
      jobRecord({ state: 'parked', updatedAtMs: before }),
      openRun({ runId: 'run-2', state: null }),
      'queued',
    ],
    ['the run was terminated', jobRecord({ state: 'running' }), openRun({ status: 'TERMINATED' }), 'failed'],
    ['the run timed out', jobRecord({ state: 'parked' }), openRun({ status: 'TIMED_OUT' }), 'failed'],
    [
      'the run was cancelled before it wrote',
      jobRecord({ state: 'queued' }),
      openRun({ status: 'CANCELLED' }),
      'cancelled',
    ],
    ['the attribute is of a newer version', jobRecord({ state: 'running' }), openRun({ state: 'dreaming' }), 'running'],
  ])('when %s', (_when, record, run, state) => {
    expect(jobState(record, run)).toBe(state);
  });
});

describe('what is expected of a job', () => {
  const expected = estimate(
    { photos: { low: 20, high: 20 }, megapixels: null, preset: 'preview', options: {} },
    uncalibrated(null),
  );

  test('stands beside what came once the job has ended', () => {
    const record = jobRecord({ state: 'running', step: 'training', estimate: expected, attempts: [testAttempt()] });
    expect(jobView(record, openRun(), links, NOW_MS).estimate).toEqual({ ...expected, actual: null });
    const ended = { ...record, state: 'succeeded', endedAtMs: record.createdAtMs + 90_000 } as const;
    expect(jobView(ended, null, links, NOW_MS).estimate?.actual).toEqual({
      seconds: 90,
      machineSeconds: 60,
      usd: 0.0123,
    });
    expect(jobView(jobRecord(), openRun(), links, NOW_MS).estimate).toBeNull();
  });

  test('tells the time left of a job that works, and of no other', () => {
    const view = (changes: Parameters<typeof jobRecord>[0]) =>
      jobView(
        jobRecord({ estimate: expected, step: 'training', attempts: [running], updatedAtMs: NOW_MS, ...changes }),
        openRun({ state: null, heartbeats: [{ ...heartbeat, startedAtMs: NOW_MS - 5000 }] }),
        links,
        NOW_MS,
      );
    const left = view({ state: 'running' }).timeLeft!;
    expect(left.lowSeconds).toBeGreaterThan(0);
    expect(left.highSeconds).toBeGreaterThan(left.lowSeconds);
    expect(left.highSeconds).toBeLessThan(expected.seconds.high);
    for (const state of ['waiting', 'parked', 'cancelling', 'succeeded', 'failed'] as const)
      expect([state, view({ state }).timeLeft]).toEqual([state, null]);
    expect(jobView(jobRecord({ state: 'running' }), openRun(), links, NOW_MS).timeLeft).toBeNull();
  });
});

describe("a job's view", () => {
  test('shows progress and cost so far of the running machine', () => {
    const view = jobView(
      jobRecord({ state: 'running', step: 'training', attempts: [running] }),
      openRun({ heartbeats: [heartbeat] }),
      links,
      NOW_MS,
    );
    expect(view.stageProgress).toEqual({
      stage: 'training',
      phase: 'training',
      done: 250,
      total: 1000,
      fraction: 0.25,
      metrics: { psnr: 18.2 },
      status: 'Training',
      startedAt: '2026-11-21T09:00:00.000Z',
    });
    expect(view.attempts[0]).toMatchObject({ seconds: 3600, costUsd: 0.736 });
    expect(view.costUsd).toBeCloseTo(0.736);
  });

  test('shows how quality grew in all attempts that resumed from each other, and of the one that runs', () => {
    const point = (iteration: number) => ({ iteration, seconds: 9, psnr: 20, loss: null });
    const live = [{ ...point(250), share: 15, lines: 4 }];
    const attempts = [
      testAttempt({ attempt: 1, jobName: 'dev-job123456-training-a01', quality: [point(100), point(260)] }),
      { ...running, resumedFrom: 1 },
    ];
    const iterations = (changed: typeof attempts): number[] =>
      jobView(
        jobRecord({ state: 'running', attempts: changed }),
        openRun({ heartbeats: [{ ...heartbeat, quality: live }] }),
        links,
        NOW_MS,
      ).quality.map(({ iteration }) => iteration);
    expect(iterations(attempts)).toEqual([100, 250]);
    expect(iterations([attempts[0]!, running])).toEqual([250]);
    expect(iterations([attempts[0]!])).toEqual([100, 260]);
    expect(iterations([testAttempt()])).toEqual([]);
  });

  test('has no fraction where the program does not know how much there is', () => {
    const unknown = { ...heartbeat, progress: { phase: 'loading', done: 3, total: 0, metrics: {} } };
    expect(jobView(jobRecord(), openRun({ heartbeats: [unknown] }), links, NOW_MS).stageProgress).toMatchObject({
      done: 3,
      fraction: null,
    });
    expect(
      jobView(jobRecord(), openRun({ heartbeats: [{ ...heartbeat, progress: null }] }), links, NOW_MS).stageProgress,
    ).toMatchObject({ phase: null, fraction: null, status: 'Training' });
  });

  test('stops the clock of a machine when the run was terminated', () => {
    const run = openRun({ status: 'TERMINATED', closedAtMs: NOW_MS - 1_800_000 });
    const view = jobView(
      jobRecord({ state: 'running', attempts: [{ ...running, startedAtMs: NOW_MS - 3_600_000 }] }),
      run,
      links,
      NOW_MS,
    );
    expect(view).toMatchObject({
      state: 'failed',
      stageProgress: null,
      failure: { code: 'STOPPED_FROM_OUTSIDE' },
      endedAt: '2026-11-21T09:30:00.000Z',
    });
    expect(view.attempts[0]?.seconds).toBe(1800);
  });

  test('says what a waiting job waits for, what limits it, and who cancelled it', () => {
    const waiting = {
      for: 'capacity',
      message: 'AWS has no ml.g4dn.xlarge',
      sinceMs: NOW_MS - 1000,
      untilMs: NOW_MS,
    } as const;
    const limited = { ...jobRecord().request, budgetUsd: 5, maxHours: 2 };
    expect(
      jobView(
        jobRecord({ state: 'waiting', waiting, request: limited, pauseRequested: true }),
        openRun(),
        links,
        NOW_MS,
      ),
    ).toMatchObject({
      waiting: {
        for: 'capacity',
        message: 'AWS has no ml.g4dn.xlarge',
        since: '2026-11-21T09:59:59.000Z',
        until: '2026-11-21T10:00:00.000Z',
      },
      pauseRequested: true,
      budget: { budgetUsd: 5, maxHours: 2 },
    });
    const cancelled = { reason: 'rain', by: 'the API', atMs: NOW_MS };
    expect(
      jobView(jobRecord({ state: 'cancelled', cancelled, updatedAtMs: NOW_MS }), null, links, NOW_MS),
    ).toMatchObject({
      waiting: null,
      cancelled: { reason: 'rain', by: 'the API', at: '2026-11-21T10:00:00.000Z' },
    });
  });

  test('says when files were deleted because their time was over', () => {
    const view = jobView(
      jobRecord({ state: 'succeeded', updatedAtMs: NOW_MS, expiredAtMs: { intermediates: NOW_MS, results: null } }),
      null,
      links,
      NOW_MS,
    );
    expect(view.filesDeleted).toEqual({ intermediates: '2026-11-21T10:00:00.000Z', results: null });
    expect(jobView(jobRecord(), null, links, NOW_MS).filesDeleted).toBeNull();
  });

  test('links the published files', () => {
    const view = jobView(
      jobRecord({ state: 'succeeded', result: { files: [{ name: 'scene.sog', bytes: 7 }] } }),
      null,
      links,
      NOW_MS,
    );
    expect(view.result).toEqual({
      pageUrl: 'http://127.0.0.1:3000/jobs/job123456',
      sogUrl: 'http://127.0.0.1:3000/v1/jobs/job123456/artifacts/scene.sog',
      plyUrl: null,
      files: [{ name: 'scene.sog', bytes: 7, url: 'http://127.0.0.1:3000/v1/jobs/job123456/artifacts/scene.sog' }],
    });
  });

  test('shows what is published also while and after other files were to be made', () => {
    const result = { files: [{ name: 'scene.sog', bytes: 7 }] };
    for (const state of ['queued', 'running', 'cancelled', 'failed'] as const)
      expect(jobView(jobRecord({ state, result }), null, links, NOW_MS).result?.files).toHaveLength(1);
    expect(jobView(jobRecord({ state: 'cancelled' }), null, links, NOW_MS).result).toBeNull();
  });

  test('never holds the mail address', () => {
    expect(JSON.stringify(jobView(jobRecord(), openRun(), links, NOW_MS))).not.toContain('pilot@');
  });

  test('has no workflow link where there is no Web UI', () => {
    expect(jobView(jobRecord(), null, jobLinks({ ...testConfig, temporalUiUrl: null }), NOW_MS).workflowUrl).toBeNull();
  });
});
