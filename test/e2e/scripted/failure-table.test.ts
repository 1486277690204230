import {
  DescribeProcessingJobCommand,
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  StopProcessingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import { ZipFile } from 'yazl';
import { FAILURES, failureTitle, type FailureCode } from '../../../contracts/job/failures';
import { isFinal } from '../../../contracts/job/state';
import type { JobView } from '../../../contracts/job/view';
import { layout } from '../../../contracts/storage/layout';
import type { StageSettings } from '../../../contracts/generated/settings';
import { keyOfNewTenant } from '../../../bench/scripted/tenant-key';
import { isAlive } from '../../helpers/stack/is-alive';
import { ScriptedStack } from '../../helpers/stack/scripted-stack';
import { tinyPhotos } from '../../helpers/photos';
import { SideBySide, type Start } from '../../helpers/stack/side-by-side';
import { waitFor } from '../../helpers/wait-for';

/**
 * Every code of contracts/job/failures over the whole local product: what happens, and what follows. Rows run side by
 * side, each with a job of its own.
 */
jest.setTimeout(240_000);

let product: ScriptedStack;

const sideBySide = new SideBySide(() => product);
const rows = new Set<FailureCode>();

/** One row of the table, with what goes wrong on purpose with the machines of its job. */
function row(
  code: FailureCode,
  whatFollows: string,
  check: (start: Start, jobId: string) => Promise<void>,
  ...faults: object[]
): void {
  rows.add(code);
  sideBySide.test(`${code}: ${whatFollows}`, check, ...faults);
}

beforeAll(async () => {
  product = await ScriptedStack.start(
    { capacityRetryMs: 300, capacityWaitMs: 20_000, retryInitialMs: 100, retryMaximumMs: 1000, stopMarginMs: 40_000 },
    { processing: { 'ml.c6i.8xlarge': 1 } },
  );
  await sideBySide.plan();
}, 120_000);
afterAll(() => product?.stop(), 60_000);

const machines = ({ attempts }: JobView): string[] =>
  attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`);
const settingsOf = (jobId: string, attempt: number): Promise<StageSettings['training']> =>
  product.read(`${layout.configFolder(jobId, 'training', attempt)}settings.json`);

/** Waits for the end: failed with this code, on which page, Temporal and one mail agree. */
async function failsWith(code: FailureCode, jobId: string): Promise<JobView> {
  const view = await product.end(jobId);
  expect(view).toMatchObject({ state: 'failed', failure: { code, advice: FAILURES[code].advice } });
  expect(await product.workflowStatus(jobId)).toBe('FAILED');
  expect(await product.mailed(jobId)).toEqual([expect.stringContaining(failureTitle(code))]);
  return view;
}

async function succeeds(jobId: string): Promise<JobView> {
  const view = await product.end(jobId);
  expect(view).toMatchObject({ state: 'succeeded', failure: null });
  return view;
}

async function zip(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, content] of Object.entries(files)) file.addBuffer(content, name);
  file.end();
  return buffer(file.outputStream);
}

async function tarOf(name: string, content: Buffer): Promise<Buffer> {
  const pack = tar.pack();
  pack.entry({ name }, content);
  pack.finalize();
  return buffer(pack);
}

const ALL_STAGES = ['sfm 1 Completed', 'training 1 Completed', 'compression 1 Completed'];
const CREATE_TRAINING = { operation: 'CreateTrainingJob' };

// Intake: nothing is rented.

row('INPUT_NOT_FOUND', 'an empty folder ends the job before a machine is rented', async (start) => {
  const view = await failsWith(
    'INPUT_NOT_FOUND',
    await start({ s3Url: `s3://${product.stack.bucket}/uploads/local/nothing/` }),
  );
  expect(view.attempts).toEqual([]);
});

row('INPUT_FORBIDDEN', "another job's folder is refused before there is a job", async (start, jobId) => {
  await expect(start({ s3Url: `s3://${product.stack.bucket}/jobs/abcdefgh/` })).rejects.toThrow('INPUT_FORBIDDEN');
  await expect(product.api.job(jobId)).rejects.toMatchObject({ status: 404 });
});

row('INPUT_UNSUPPORTED', 'the address of a single photo ends the job before a machine is rented', async (start) => {
  const folder = await product.upload(tinyPhotos(1));
  const [name = ''] = Object.keys(tinyPhotos(1));
  const view = await failsWith('INPUT_UNSUPPORTED', await start({ s3Url: folder + name }));
  expect(view.failure?.message).toContain(`${name} is one file, a single photo`);
  expect(view.attempts).toEqual([]);
});

row('NO_PHOTOS', 'text files end the job before a machine is rented', async (start) => {
  const view = await failsWith(
    'NO_PHOTOS',
    await start({
      s3Url: await product.upload({ 'notes.txt': Buffer.from('hello'), 'flight.csv': Buffer.from('1,2') }),
    }),
  );
  expect(view.attempts).toEqual([]);
});

row('TOO_FEW_PHOTOS', 'two photos end the job before a machine is rented', async (start) => {
  const view = await failsWith('TOO_FEW_PHOTOS', await start({ s3Url: await product.upload(tinyPhotos(2)) }));
  expect(view.failure?.message).toContain('2 usable photos, at least 3 are needed');
  expect(view.attempts).toEqual([]);
});

row('TOO_MANY_PHOTOS', 'more photos than the preset takes end the job before a machine is rented', async (start) => {
  const view = await failsWith('TOO_MANY_PHOTOS', await start({ s3Url: await product.upload(tinyPhotos(301)) }));
  expect(view.failure?.message).toContain('301 photos, this preset takes at most 300');
  expect(view.attempts).toEqual([]);
});

row('ARCHIVE_INVALID', 'a text file by the name of an archive ends the job', async (start) => {
  await failsWith(
    'ARCHIVE_INVALID',
    await start({ s3Url: `${await product.upload({ 'photos.zip': Buffer.from('not a zip') })}photos.zip` }),
  );
});

row('ARCHIVE_UNSAFE', 'a path that leads out of the archive ends the job', async (start, jobId) => {
  const archive = await tarOf('../../someone-elses/job.json', Buffer.from('{}'));
  await failsWith(
    'ARCHIVE_UNSAFE',
    await start({ s3Url: `${await product.upload({ 'photos.tar': archive })}photos.tar` }),
  );
  await expect(product.read(`jobs/${jobId}/someone-elses/job.json`)).rejects.toThrow();
});

row('ARCHIVE_TOO_LARGE', 'a small archive that unpacks to a thousand times its size ends the job', async (start) => {
  const bomb = await zip({ 'photo.jpg': Buffer.alloc(20 * 2 ** 20) });
  await failsWith(
    'ARCHIVE_TOO_LARGE',
    await start({ s3Url: `${await product.upload({ 'photos.zip': bomb })}photos.zip` }),
  );
});

// Structure from motion: no training machine is rented.

row('TOO_FEW_POINTS', "the program's own verdict ends the job, and no training machine is rented", async (start) => {
  const view = await failsWith(
    'TOO_FEW_POINTS',
    await start({ scripts: { sfm: { do: 'reject', code: 'TOO_FEW_POINTS', message: 'only 31 points' } } }),
  );
  expect(view.failure?.message).toBe('only 31 points');
  expect(machines(view)).toEqual(['sfm 1 Completed']);
  expect(view.attempts[0]?.failure?.code).toBe('TOO_FEW_POINTS');
});

row(
  'TOO_FEW_REGISTERED',
  'a verdict that the numbers belie is not believed, and no training machine is rented',
  async (start) => {
    const jobId = await start({
      request: { retryWindowSeconds: 1 },
      scripts: { sfm: { do: 'complete', metrics: { registered: 2 } } },
    });
    const view = await failsWith('TOO_FEW_REGISTERED', jobId);
    expect(view.failure?.message).toContain('only 2 of 6 photos');
    expect(machines(view)).toEqual(['sfm 1 Completed']);
    expect(await product.states(jobId)).not.toContain('waiting'); // of so few, nobody is asked
  },
);

row('POSITION_FILE_INVALID', 'the program names file and line, and no training machine is rented', async (start) => {
  const text = 'POSITION_FILE_INVALID: geo.txt, line 1: the projection "EPSG:1" is not known';
  const view = await failsWith('POSITION_FILE_INVALID', await start({ scripts: { sfm: { do: 'fail', text } } }));
  expect(view.failure?.message).toBe('geo.txt, line 1: the projection "EPSG:1" is not known');
  expect(machines(view)).toEqual(['sfm 1 Failed']);
});

row('NOT_GEOREFERENCED', 'the scene is delivered in a plain frame, and the mail says why', async (start) => {
  const reason = '15 of 18 photos have the same GPS position as another photo';
  const warnings = [`The scene is not georeferenced: ${reason}.`];
  const frame = { code: 'NOT_GEOREFERENCED', reason, heightErrorM: null, cameraDistance: 10 };
  const jobId = await start({
    scripts: { sfm: { do: 'complete', metrics: { georeferenced: false, frame, warnings } } },
  });
  const view = await product.end(jobId);
  expect(view).toMatchObject({ state: 'succeeded', failure: null, stages: { sfm: { warnings, frame } } });
});

row(
  'MODEL_BENT',
  'a bent model is not accepted in silence, and where nobody is asked no training machine is rented',
  async (start) => {
    const frame = { reason: null, heightErrorM: 20, cameraDistance: 45 };
    const jobId = await start({
      request: { retryWindowSeconds: 0 },
      scripts: { sfm: { do: 'complete', metrics: { georeferenced: true, frame } } },
    });
    const view = await failsWith('MODEL_BENT', jobId);
    expect(view.failure?.message).toContain('by up to 20 m, at 45 m');
    expect(machines(view)).toEqual(['sfm 1 Completed']);
  },
);

row('MODEL_DOUBLED', 'places that lie on one another are a question before a machine for training', async (start) => {
  const contradictions = { judgedPairs: 72, contradictingPairs: 37, doubled: true };
  const jobId = await start({
    request: { retryWindowSeconds: 0 },
    scripts: { sfm: { do: 'complete', metrics: { contradictions } } },
  });
  const view = await failsWith('MODEL_DOUBLED', jobId);
  expect(view.failure?.message).toContain('37 of 72 pairs of photos');
  expect(machines(view)).toEqual(['sfm 1 Completed']);
});

// Training and compression: never tried again by themselves.

row('MODEL_TOO_SMALL', 'a dummy of a model is not compressed', async (start) => {
  const view = await failsWith(
    'MODEL_TOO_SMALL',
    await start({ scripts: { training: { do: 'complete', metrics: { gaussians: 31 } } } }),
  );
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Completed']);
});

row('NOTHING_LEARNED', 'a model that gained nothing over its start is not compressed', async (start) => {
  const message = 'in 1000 iterations the likeness to photos held out went from 9.155 to 9.157 dB PSNR';
  const view = await failsWith(
    'NOTHING_LEARNED',
    await start({ scripts: { training: { do: 'reject', code: 'NOTHING_LEARNED', message } } }),
  );
  expect(view.failure?.message).toBe(message);
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Completed']);
});

row('SCENE_EMPTY', 'a scene that opens on an empty picture is not compressed', async (start) => {
  const message = 'the scene fills 3 % of the picture that it opens with, at least 20 % are needed';
  const view = await failsWith(
    'SCENE_EMPTY',
    await start({ scripts: { training: { do: 'reject', code: 'SCENE_EMPTY', message } } }),
  );
  expect(view.failure?.message).toBe(message);
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Completed']);
});

row('NOT_TRAINED', 'a model without a single iteration is not compressed', async (start) => {
  const view = await failsWith(
    'NOT_TRAINED',
    await start({ scripts: { training: { do: 'complete', metrics: { iterations: 0 } } } }),
  );
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Completed']);
});

row('MODEL_NOT_FINITE', "the program's own code ends the job, without another attempt", async (start) => {
  const view = await failsWith(
    'MODEL_NOT_FINITE',
    await start({ scripts: { training: { do: 'fail', text: 'MODEL_NOT_FINITE: 12 positions are not finite' } } }),
  );
  expect(view.failure?.message).toContain('12 positions are not finite');
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Failed']);
});

row('MODEL_INVALID', 'a model that compression cannot read ends the job', async (start) => {
  const view = await failsWith(
    'MODEL_INVALID',
    await start({ scripts: { compression: { do: 'fail', text: 'MODEL_INVALID: model.ply has no header' } } }),
  );
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Completed', 'compression 1 Failed']);
});

row('SOG_INCOMPLETE', 'a scene with fewer Gaussians than the model is not published', async (start) => {
  const view = await failsWith(
    'SOG_INCOMPLETE',
    await start({ scripts: { compression: { do: 'complete', metrics: { gaussians: 4999 } } } }),
  );
  expect(view.result).toBeNull();
});

row('DELIVERY_UNREADABLE', 'a scene that an independent decoder cannot open is not published', async (start) => {
  const view = await failsWith(
    'DELIVERY_UNREADABLE',
    await start({ scripts: { compression: { do: 'reject', code: 'DELIVERY_UNREADABLE', message: 'status 1' } } }),
  );
  expect(view.result).toBeNull();
});

row('DELIVERY_DIFFERS', 'a scene that looks different from the model is not published', async (start) => {
  const view = await failsWith(
    'DELIVERY_DIFFERS',
    await start({ scripts: { compression: { do: 'complete', metrics: { decodedPsnr: 12.3 } } } }),
  );
  expect(view.failure?.message).toContain('12 dB');
  expect(view.result).toBeNull();
});

row('DELIVERY_EMPTY', 'a scene of which a viewer shows next to nothing is not published', async (start) => {
  const view = await failsWith(
    'DELIVERY_EMPTY',
    await start({ scripts: { compression: { do: 'complete', metrics: { coveredShare: 0.031 } } } }),
  );
  expect(view.failure?.message).toContain('3 %');
  expect(view.result).toBeNull();
});

row('SOG_TOO_LARGE', 'a scene that is too large for the web is not published', async (start) => {
  const view = await failsWith(
    'SOG_TOO_LARGE',
    await start({ scripts: { compression: { do: 'reject', code: 'SOG_TOO_LARGE', message: 'ratio 3.1' } } }),
  );
  expect(view.result).toBeNull();
});

row('SETTINGS_INVALID', 'a program that refuses its settings ends the job', async (start) => {
  const view = await failsWith(
    'SETTINGS_INVALID',
    await start({ scripts: { sfm: { do: 'fail', text: 'SETTINGS_INVALID: maxRatio is unknown' } } }),
  );
  expect(machines(view)).toEqual(['sfm 1 Failed']);
});

row('INTERNAL_ERROR', 'a program that names no other reason ends the job, without another attempt', async (start) => {
  const view = await failsWith('INTERNAL_ERROR', await start({ scripts: { training: 'fail' } }));
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Failed']);
});

row('REPORT_MISSING', 'a program that ends well and leaves no report ends the job', async (start) => {
  const view = await failsWith('REPORT_MISSING', await start({ scripts: { sfm: 'say-nothing' } }));
  expect(machines(view)).toEqual(['sfm 1 Completed']);
});

row('CONTAINER_FAILED', 'a program that dies without a word ends the job, without another attempt', async (start) => {
  const view = await failsWith('CONTAINER_FAILED', await start({ scripts: { training: 'crash' } }));
  expect(view.failure?.message).toContain('exit code: 1');
  expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Failed']);
});

// Rented machines.

row('OUT_OF_MEMORY', 'each new attempt has smaller settings, and the last one a larger machine', async (start) => {
  const jobId = await start({ scripts: { training: ['be-killed', 'be-killed', 'be-killed', 'complete'] } });
  const trainings = (await succeeds(jobId)).attempts.filter(({ stage }) => stage === 'training');
  expect(trainings.map(({ status, instanceType, failure }) => [status, instanceType, failure?.code])).toEqual([
    ['Failed', 'ml.g4dn.xlarge', 'OUT_OF_MEMORY'],
    ['Failed', 'ml.g4dn.xlarge', 'OUT_OF_MEMORY'],
    ['Failed', 'ml.g4dn.xlarge', 'OUT_OF_MEMORY'],
    ['Completed', 'ml.g5.xlarge', undefined],
  ]);
  const settings = await Promise.all([1, 2, 3, 4].map((attempt) => settingsOf(jobId, attempt)));
  expect(settings.map(({ imageSize, maxGaussians }) => [imageSize, maxGaussians])).toEqual([
    [400, 100_000],
    [300, 100_000],
    [300, 50_000],
    [300, 50_000],
  ]);
  expect((await product.record(jobId)).attempts.map(({ memoryStep }) => memoryStep)).toEqual([0, 0, 1, 2, 3, 0]);
});

row('GPU_OUT_OF_MEMORY', 'ends the job when the ladder has no further rung', async (start) => {
  const view = await failsWith(
    'GPU_OUT_OF_MEMORY',
    await start({ scripts: { training: { do: 'fail', text: 'GPU_OUT_OF_MEMORY: 15.9 GB were in use' } } }),
  );
  expect(machines(view).slice(1)).toEqual([
    'training 1 Failed',
    'training 2 Failed',
    'training 3 Failed',
    'training 4 Failed',
  ]);
  expect(view.attempts.at(-1)?.instanceType).toBe('ml.g5.xlarge');
});

row(
  'NO_CAPACITY',
  'other instance types are tried, then it is waited for and counted as no failure',
  async (start) => {
    const jobId = await start();
    const trainings = (await succeeds(jobId)).attempts.filter(({ stage }) => stage === 'training');
    expect(trainings.map(({ instanceType, status }) => `${instanceType} ${status}`)).toEqual([
      'ml.g4dn.xlarge Failed',
      'ml.g5.xlarge Failed',
      'ml.g4dn.xlarge Completed',
    ]);
    expect(await product.states(jobId)).toContain('waiting');
    expect(await product.mailed(jobId)).toEqual([expect.stringContaining('ready')]);
  },
  { kind: 'capacity', ...CREATE_TRAINING, times: 2 },
);

row(
  'NO_MACHINE_IN_TIME',
  'a machine that never becomes free fails the job after the time that it may wait',
  async (start) => {
    const view = await failsWith('NO_MACHINE_IN_TIME', await start());
    expect(view.failure?.message).toContain('no free machine');
    expect(machines(view)).not.toContain('training 1 Completed');
  },
  { kind: 'capacity', ...CREATE_TRAINING, times: 10_000 },
);

// Compression's larger machine is the only one here with a quota; no other row rents it.
row(
  'QUOTA_REACHED',
  'the job shows what it waits for, and continues under the same attempt when a machine is free',
  async (start) => {
    const ProcessingJobName = 'someone-elses-job';
    await product.rentElsewhere(ProcessingJobName, 'ml.c6i.8xlarge');
    const jobId = await start({ scripts: { compression: ['be-killed', 'be-killed', 'be-killed', 'complete'] } });
    const { waiting, attempts } = await product.view(jobId, 'it to wait', ({ state }) => state === 'waiting');
    expect(waiting).toMatchObject({
      for: 'capacity',
      message: expect.stringContaining('ml.c6i.8xlarge for processing job usage') as string,
    });
    expect(attempts.at(-1)).toMatchObject({ attempt: 4, status: 'Running', failure: null });
    await product.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName }));
    expect(machines(await succeeds(jobId)).slice(-1)).toEqual(['compression 4 Completed']);
  },
);

row(
  'QUOTA_ZERO',
  'ends the job at once, with the name of the quota to ask for',
  async (start) => {
    const jobId = await start();
    const view = await failsWith('QUOTA_ZERO', jobId);
    expect(view.failure?.message).toContain('ml.g4dn.xlarge for training job usage');
    expect(view.failure?.advice).toContain('Service Quotas');
    expect(await product.states(jobId)).not.toContain('waiting');
    expect(await product.runs(jobId, 'training')).toEqual([]);
  },
  { kind: 'quota-zero', ...CREATE_TRAINING, times: 2 },
);

row(
  'PLATFORM_ERROR',
  'one costs an attempt and nothing else',
  async (start) => {
    expect(machines(await succeeds(await start()))).toEqual([
      'sfm 1 Completed',
      'training 1 Failed',
      'training 2 Completed',
      'compression 1 Completed',
    ]);
  },
  { kind: 'internal-server-error', ...CREATE_TRAINING },
);

row(
  'PLATFORM_ERROR',
  'the third of a stage ends the job',
  async (start) => {
    const view = await failsWith('PLATFORM_ERROR', await start());
    expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Failed', 'training 2 Failed', 'training 3 Failed']);
  },
  { kind: 'internal-server-error', ...CREATE_TRAINING, times: 3 },
);

row(
  'DISK_FULL',
  'parks the job, which says so and continues from there once it is retried',
  async (start) => {
    const jobId = await start({ request: { retryWindowSeconds: 3600 } });
    const parked = await product.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
    expect(parked.failure).toMatchObject({ code: 'DISK_FULL', message: 'the disk of this machine is full' });
    expect(await product.mailed(jobId)).toEqual([expect.stringContaining(failureTitle('DISK_FULL'))]);
    await product.api.retry(jobId, null);
    expect(machines(await succeeds(jobId))).toEqual([
      'sfm 1 Completed',
      'training 1 Failed',
      'training 2 Completed',
      'compression 1 Completed',
    ]);
  },
  { kind: 'disk-full', ...CREATE_TRAINING },
);

row(
  'MAX_RUNTIME_EXCEEDED',
  'training resumes from its checkpoint',
  async (start) => {
    const jobId = await start({ scripts: { training: [{ do: 'hang', checkpoint: true }, 'complete'] } });
    const view = await succeeds(jobId);
    expect(machines(view)).toEqual([
      'sfm 1 Completed',
      'training 1 Stopped',
      'training 2 Completed',
      'compression 1 Completed',
    ]);
    expect((await product.record(jobId)).attempts.map(({ resumedFrom }) => resumedFrom)).toEqual([null, null, 1, null]);
    expect(view.stages.training?.iterations).toBe(200);
  },
  { kind: 'max-runtime', ...CREATE_TRAINING, afterFile: 'checkpoints/iterations' },
);

row(
  'MAX_RUNTIME_EXCEEDED',
  'a second time ends the job',
  async (start) => {
    const view = await failsWith(
      'MAX_RUNTIME_EXCEEDED',
      await start({ scripts: { training: { do: 'hang', checkpoint: true } } }),
    );
    expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Stopped', 'training 2 Stopped']);
  },
  { kind: 'max-runtime', ...CREATE_TRAINING, afterFile: 'checkpoints/iterations', times: 2 },
);

row(
  'MAX_RUNTIME_EXCEEDED',
  'without a checkpoint ends the job',
  async (start) => {
    const view = await failsWith('MAX_RUNTIME_EXCEEDED', await start({ scripts: { training: 'hang' } }));
    expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Stopped']);
  },
  { kind: 'max-runtime', ...CREATE_TRAINING },
);

row(
  'NO_SPOT_IN_TIME',
  'parks a job whose spot machine was taken away, and a retry goes on from its checkpoint on demand',
  async (start) => {
    const request = { capacity: 'spot', retryWindowSeconds: 3600 };
    const jobId = await start({ request, scripts: { training: [{ do: 'hang', checkpoint: true }, 'complete'] } });
    const parked = await product.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
    expect(parked.failure).toMatchObject({ code: 'NO_SPOT_IN_TIME' });
    await product.api.retry(jobId, null, { capacity: 'on-demand' });
    const view = await succeeds(jobId);
    expect(view.attempts.map(({ stage, capacity, status }) => `${stage} ${capacity} ${status}`)).toEqual([
      'sfm on-demand Completed',
      'training spot Stopped',
      'training on-demand Completed',
      'compression on-demand Completed',
    ]);
    expect((await product.record(jobId)).attempts[2]?.resumedFrom).toBe(1);
  },
  { kind: 'interrupted', ...CREATE_TRAINING, afterFile: 'checkpoints/iterations', forGood: true },
);

row(
  'BUDGET_EXCEEDED',
  'the machine is stopped before the limit is passed, and the job says what it has cost',
  async (start) => {
    const jobId = await start({ request: { budgetUsd: 0.01 }, scripts: { training: 'hang' } });
    const view = await failsWith('BUDGET_EXCEEDED', jobId);
    expect(view.failure?.message).toContain('the budget of 0.01 USD would be passed');
    expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Stopped']);
    expect(view.costUsd).toBeGreaterThan(0);
    expect(view.costUsd).toBeLessThan(0.01);
  },
);

row('BUDGET_EXHAUSTED', 'a job that was to begin later rents nothing when the money is spent by then', async () => {
  const { server } = product.stack.endpoints;
  const key = await keyOfNewTenant(server, 'spent', ['read', 'write']);
  const call = async (method: string, path: string, body?: object, as = key): Promise<JobView> => {
    const headers = { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as}` }) };
    const answer = await fetch(server + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as JobView;
  };
  const s3Url = `s3://${product.stack.bucket}/flights/spent/`;
  const startAt = new Date(Date.now() + 3600_000).toISOString();
  const request = { s3Url, email: 'pilot@example.com', preset: 'preview', retryWindowSeconds: 0, startAt };
  const { jobId } = await call('POST', '/v1/jobs', request);
  await call('PATCH', '/v1/tenants/spent', { monthlyBudgetUsd: 0 }, '');
  await waitFor('the workers to know', () =>
    product.read(layout.usedUpBudget('spent')).then(
      (found) => found !== null,
      () => false,
    ),
  );
  await call('PATCH', `/v1/jobs/${jobId}`, { startAt: null });
  await waitFor('the end', async () => isFinal((await call('GET', `/v1/jobs/${jobId}`)).state));
  expect(await call('GET', `/v1/jobs/${jobId}`)).toMatchObject({
    state: 'failed',
    failure: { code: 'BUDGET_EXHAUSTED', message: expect.stringContaining('the budget of') },
    attempts: [],
  });
  expect(await product.mailed(jobId)).toEqual([expect.stringContaining(failureTitle('BUDGET_EXHAUSTED'))]);
});

row(
  'STOPPED_FROM_OUTSIDE',
  'the job is parked and says so, and nothing is rented before a retry',
  async (start) => {
    const jobId = await start({ request: { retryWindowSeconds: 3600 }, scripts: { training: ['hang', 'complete'] } });
    const parked = await product.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
    expect(parked.failure?.code).toBe('STOPPED_FROM_OUTSIDE');
    expect(machines(parked)).toEqual(['sfm 1 Completed', 'training 1 Stopped']);
    expect(await product.mailed(jobId)).toEqual([expect.stringContaining(failureTitle('STOPPED_FROM_OUTSIDE'))]);
    await product.api.retry(jobId, null);
    expect(machines(await succeeds(jobId))).toEqual([
      'sfm 1 Completed',
      'training 1 Stopped',
      'training 2 Completed',
      'compression 1 Completed',
    ]);
  },
  { kind: 'stop-from-outside', ...CREATE_TRAINING },
);

row('NOT_OURS', "another one's machine of the same name is neither used nor stopped", async (start, jobId) => {
  const ProcessingJobName = `local-${jobId}-sfm-a01`;
  await product.rentElsewhere(ProcessingJobName, 'ml.c6i.2xlarge');
  const view = await failsWith('NOT_OURS', await start());
  expect(view.costUsd).toBe(0);
  const other = await product.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName }));
  expect(other.ProcessingJobStatus).toBe('InProgress');
  await product.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName }));
});

// Not beside others: it takes an image from all of them.
rows.add('REQUEST_REFUSED');
test('REQUEST_REFUSED: a machine that AWS does not want to rent out ends the job at once with what AWS said', async () => {
  await product.restartSageMakerWithout('compression');
  const view = await failsWith('REQUEST_REFUSED', await product.startJob());
  expect(view.failure?.message).toContain('spaceport/compression');
  expect(machines(view)).toEqual([...ALL_STAGES.slice(0, 2), 'compression 1 Failed']);
});

test('every code of the table has a row', () => {
  expect(rows).toEqual(new Set(Object.keys(FAILURES)));
});

test("neither addresses nor what went wrong stands in Temporal's database in plain text", async () => {
  const database = await product.temporalDatabase();
  const found = (texts: readonly string[]): string[] => texts.filter((text) => database.includes(text));
  // Ids, codes and states are not encrypted: they show that the histories are in what is searched.
  expect(found(['INPUT_NOT_FOUND', 'binary/encrypted', '"failed"'])).toHaveLength(3);
  expect(found(['pilot@example.com', 'uploads/local', 'is one file, a single photo', '    at '])).toEqual([]);
});

test('when all of them have ended, no machine and no program is left running', async () => {
  await waitFor('the last machines to stop', async () => {
    const [processing, training] = await Promise.all([
      product.sagemaker.send(new ListProcessingJobsCommand({ StatusEquals: 'InProgress' })),
      product.sagemaker.send(new ListTrainingJobsCommand({ StatusEquals: 'InProgress' })),
    ]);
    return processing.ProcessingJobSummaries?.length === 0 && training.TrainingJobSummaries?.length === 0;
  });
  for (const pid of await product.pids()) await waitFor(`process ${pid} to be gone`, async () => !(await isAlive(pid)));
});
