import path from 'node:path';
import type { components } from '../../contracts/generated/api';
import type { JobView } from '../../contracts/job/view';
import { exhaustion } from '../../contracts/usage/budget';
import type { RunCommand } from '../command';
import { takenByUploads, uploadThroughApi, type UploadListener } from '../server/api-upload';
import type { ChosenServer } from '../server/chosen-server';
import { findPhotos, isAddress, sentence, type LocalPhotos } from '../server/photo-upload';
import { downloadResult } from '../server/result-download';
import { answered, type SpaceportApi, type StartRequest } from '../server/spaceport-api';
import { exitStatus, EXIT } from '../text/job-summary';
import { jobDetails } from '../text/job-details';
import { UploadDisplay } from '../text/upload-progress';
import { UsageError } from '../usage-error';
import { inShort } from './estimate';
import { jobRequest } from './job-request';
import { watchJob } from './watch-job';

export interface Outcome {
  /** For stdout. */
  readonly text: string;
  readonly status: number;
}

/**
 * Sends photos, starts a job, and unless told otherwise waits for its end and saves its result. What is known to stand in the
 * way is said before anything is sent. Throws UsageError, ApiError.
 */
export async function run(
  command: RunCommand,
  { api, email }: ChosenServer,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const request = jobRequest(command, email);
  const photos = isAddress(command.source) ? null : takenByUploads(await findPhotos(path.resolve(command.source)));
  const job = await api.startJob({
    ...request,
    ...(photos === null ? { s3Url: command.source } : { uploadId: await send(api, photos, request, say, signal) }),
    ...(command.priority !== null && { priority: command.priority }),
    ...(command.startAt !== null && { startAt: command.startAt }),
  });
  say(`Job ${job.jobId} has started: ${job.pageUrl}`);
  if (!command.follow) return { text: command.json ? JSON.stringify(job) : job.jobId, status: EXIT.succeeded };
  const ended = await watchJob(api, job.jobId, say, signal, { forProgram: command.json });
  const folder = command.output === null ? null : await save(api, ended, command.output, say, signal);
  return outcome(ended, command.json, folder);
}

/** What is known of a job, and the exit status that tells how it ended. */
export const outcome = (job: JobView, asJson: boolean, folder: string | null = null): Outcome => ({
  text: asJson ? JSON.stringify({ ...job, ...(folder !== null && { folder }) }, null, 2) : jobDetails(job),
  status: exitStatus(job.state),
});

/** Saves the result where there is one, and says where; returns the folder. */
export async function save(
  api: SpaceportApi,
  job: JobView,
  folder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string | null> {
  const saved = await downloadResult(api, job, folder, signal);
  if (saved !== null) say(`Saved in ${saved.folder}`);
  return saved?.folder ?? null;
}

/** Throws UsageError where nothing more may be spent, ApiError where the server would take no such job. */
async function send(
  api: SpaceportApi,
  photos: LocalPhotos,
  { preset, options }: Pick<StartRequest, 'preset' | 'options'>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  await refuseExhausted(api);
  say(sentence(photos));
  const display = new UploadDisplay(process.stderr);
  const listener: UploadListener = {
    async announced(uploadId) {
      const body = { uploadId, ...(preset && { preset }), ...(options && { options }) };
      say(`Expected of the job: ${inShort(await answered(api.routes.POST('/v1/estimates', { body })))}`);
    },
    arrived: (bytes, all) => display.update(bytes, all),
  };
  try {
    return await uploadThroughApi(api, photos, listener, signal);
  } finally {
    display.clear();
  }
}

/** A start would be refused, after all photos have been sent. */
async function refuseExhausted({ routes }: SpaceportApi): Promise<void> {
  const { budget } = (await answered(routes.GET('/v1/usage'))) as components['schemas']['Usage'];
  const why = budget === null ? null : exhaustion(budget);
  if (why !== null) throw new UsageError(`nothing was sent: ${why}`);
}
