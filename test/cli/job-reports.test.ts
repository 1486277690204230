import type { JobView, StageProgress } from '../../contracts/job/view';
import { summarizeJob } from '../../cli/text/job-summary';
import { clock, ProgressDisplay } from '../../cli/text/progress';

const RUNNING: JobView = {
  priority: 3,
  startAt: null,
  name: 'flight',
  quality: [],
  jobId: 'abc',
  batchId: null,
  workflowId: 'job-abc',
  state: 'running',
  step: 'training',
  preset: 'preview',
  input: 's3://spaceport/uploads/local/x/',
  estimate: null,
  timeLeft: null,
  stageProgress: null,
  photos: { accepted: 18, rejected: [], leftOut: 0 },
  attempts: [],
  costUsd: 0,
  stages: {},
  fit: null,
  failure: null,
  parkedUntil: null,
  waiting: null,
  pauseRequested: false,
  budget: { budgetUsd: null, maxHours: null },
  capacity: 'on-demand',
  previewUrl: null,
  previewSceneUrl: null,
  cancelled: null,
  deliveries: [],
  notice: null,
  filesDeleted: null,
  result: null,
  pageUrl: 'http://127.0.0.1:3000/jobs/abc',
  workflowUrl: null,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  endedAt: null,
  tookSeconds: null,
};

const training = (fraction: number | null, phase: string | null = 'train'): JobView => {
  const progress: StageProgress = {
    stage: 'training',
    phase,
    done: null,
    total: null,
    fraction,
    metrics: {},
    status: 'Training',
    startedAt: null,
  };
  return { ...RUNNING, stageProgress: progress };
};

/** Output of a display while the given views come in, one every 10 seconds. */
function shown(views: readonly JobView[], isTTY: boolean): string {
  let text = '';
  let nowMs = 0;
  const output = { isTTY, columns: 60, write: (chunk: string | Uint8Array) => Boolean((text += String(chunk))) };
  const display = new ProgressDisplay(output, () => nowMs);
  for (const view of views) {
    display.update(view);
    nowMs += 10_000;
  }
  return text;
}

describe('the progress of a job', () => {
  test('shows phase, per cent and the time left at the speed so far', () => {
    expect(shown([training(0), training(0.25)], false)).toBe(
      '  training: Learning the scene from the photos 0 %\n' +
        '  training: Learning the scene from the photos 25 %, 0:30 left\n',
    );
  });

  test('without a terminal takes a line a phase and every 10 %', () => {
    const views = [
      training(null, null),
      ...[0, 0.02, 0.09, 0.1, 0.15, 0.2].map((fraction) => training(fraction)),
      training(0, 'export'),
    ];
    const lines = shown(views, false).trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/, \d+:\d+ left/, '').trim())).toEqual([
      'training: Training',
      'training: Learning the scene from the photos 0 %',
      'training: Learning the scene from the photos 10 %',
      'training: Learning the scene from the photos 20 %',
      'training: Writing the model 0 %',
    ]);
  });

  test('on a terminal stays on one line that is never longer than the terminal', () => {
    const text = shown(
      [training(0.1, 'a phase with a name that is much longer than any terminal is wide, really'), training(0.2)],
      true,
    );
    expect(text).not.toContain('\n');
    for (const line of text.split('\r\x1b[K')) expect(line.length).toBeLessThan(60);
  });

  test('says when a job is not simply running, and what it has cost', () => {
    expect(shown([{ ...RUNNING, state: 'cancelling', costUsd: 0.0123 }], false)).toBe(
      '  cancelling, training, 0.0123 USD so far\n',
    );
    const ending = [0.2, 0.3].map((fraction) => ({ ...training(fraction), state: 'cancelling' as const }));
    expect(shown(ending, false)).not.toContain('left');
  });

  test('says what a waiting job waits for', () => {
    const waiting = {
      for: 'capacity',
      message: 'AWS has no ml.g4dn.xlarge',
      since: '2026-01-01T00:00:00Z',
      until: null,
    } as const;
    expect(shown([RUNNING, { ...RUNNING, state: 'waiting', waiting }], false)).toBe(
      '  training\n  waiting for a machine: AWS has no ml.g4dn.xlarge\n',
    );
  });

  test('tells times in hours, minutes and seconds', () => {
    expect([0, 59.6, 65, 3605].map(clock)).toEqual(['0:00', '1:00', '1:05', '1:00:05']);
  });
});

describe('the line of JSON about a job', () => {
  const SUCCEEDED: JobView = {
    ...RUNNING,
    state: 'succeeded',
    attempts: [
      {
        stage: 'sfm',
        attempt: 1,
        jobName: 'local-abc-sfm-a01',
        instanceType: 'ml.c6i.2xlarge',
        status: 'Completed',
        seconds: 60,
        costUsd: 0.0068,
        capacity: 'on-demand',
        savedUsd: 0,
        failure: null,
      },
    ],
    stages: {
      sfm: { photos: 18, registered: 17, points: 3000, reprojectionErrorPx: 0.9 },
      training: {
        gaussians: 10_000,
        iterations: 1000,
        evaluationWidth: 400,
        psnr: 20.5,
        ssim: 0.6,
        modelBytes: 1_000_000,
      },
      compression: { gaussians: 10_000, shBands: 1, bytes: 100_000, ratioSh3: 24.8 },
    },
    result: {
      pageUrl: 'http://127.0.0.1:3000/jobs/abc',
      sogUrl: 'http://s3/scene.sog',
      plyUrl: 'http://s3/model.ply',
      files: [
        { name: 'scene.sog', bytes: 100_000, url: 'http://s3/scene.sog' },
        { name: 'model.ply', bytes: 1_200_000, url: 'http://s3/model.ply' },
      ],
    },
  };

  test('has the figures of every stage, the files and the mail', () => {
    const files = { folder: '/r/abc', sogPath: '/r/abc/scene.sog', plyPath: '/r/abc/model.ply' };
    expect(summarizeJob(SUCCEEDED, files, { to: 'a@b.c', subject: 'Ready', url: 'http://mail/1' }, 123.4)).toEqual({
      jobId: 'abc',
      workflowId: 'job-abc',
      state: 'succeeded',
      photos: 18,
      stages: [{ stage: 'sfm', attempt: 1, jobName: 'local-abc-sfm-a01', seconds: 60, costUsd: 0.0068 }],
      sfm: { registered: 17, points: 3000, reprojectionErrorPx: 0.9 },
      training: { gaussians: 10_000, iterations: 1000, evaluationWidth: 400, psnr: 20.5, ssim: 0.6 },
      compression: { bytes: 100_000, ratio: 24.8, gaussians: 10_000 },
      result: { sogPath: files.sogPath, plyPath: files.plyPath, pageUrl: 'http://127.0.0.1:3000/jobs/abc' },
      mail: { to: 'a@b.c', subject: 'Ready' },
      failure: null,
      seconds: 123.4,
    });
  });

  test('of a job that failed early has null where nothing came to be', () => {
    const failure = { code: 'NO_PHOTOS', message: 'no photos', advice: 'Send JPEG' } as const;
    const summary = summarizeJob({ ...RUNNING, state: 'failed', photos: null, failure }, null, null, 3);
    expect(summary).toMatchObject({
      state: 'failed',
      photos: null,
      stages: [],
      sfm: null,
      training: null,
      compression: null,
      result: null,
      mail: null,
      failure,
    });
  });
});
