import path from 'node:path';
import type { JobView } from '../../contracts/job/view';
import type { RunCommand } from '../command';
import { uploadThroughApi } from '../server/api-upload';
import type { ChosenServer } from '../server/chosen-server';
import { findPhotos, isAddress, sentence, type LocalPhotos } from '../server/photo-upload';
import { downloadResult } from '../server/result-download';
import type { SpaceportApi } from '../server/spaceport-api';
import { exitStatus, EXIT } from '../text/job-summary';
import { jobDetails } from '../text/job-details';
import { UploadDisplay } from '../text/upload-progress';
import { jobRequest } from './job-request';
import { watchJob } from './watch-job';

export interface Outcome {
  /** For stdout. */
  readonly text: string;
  readonly status: number;
}

/** Sends photos, starts a job, and unless told otherwise waits for its end and saves its result. */
export async function run(
  command: RunCommand,
  { api, email }: ChosenServer,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const request = jobRequest(command, email);
  const photos = isAddress(command.source) ? null : await findPhotos(path.resolve(command.source));
  const job = await api.startJob({
    ...request,
    ...(photos === null ? { s3Url: command.source } : { uploadId: await send(api, photos, say, signal) }),
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

async function send(
  api: SpaceportApi,
  photos: LocalPhotos,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  say(sentence(photos));
  const display = new UploadDisplay(process.stderr);
  try {
    return await uploadThroughApi(api, photos, (arrived, all) => display.update(arrived, all), signal);
  } finally {
    display.clear();
  }
}
