import path from 'node:path';
import type { Checkout } from '../local/stack/checkout';
import { LOCAL_BUCKET } from '../local/stack/components';
import { loadCredentials } from '../local/stack/credentials';
import type { Endpoints } from '../local/stack/endpoints';
import { stackS3Client } from '../local/stack/stack';
import { findRunningStack } from '../local/stack/state-folder';
import { serverAddress, UsageError, type Command } from './command-line';
import { findPhotos, sentence, uploadPhotos } from './photo-upload';
import { SpaceportApi, type MessageAnswer } from './spaceport-api';
import { jobDetails } from './text/job-details';
import { jobList } from './text/job-list';

type JobCommand = Extract<
  Command,
  { name: 'upload' | 'jobs' | 'job' | 'cancel' | 'accept' | 'pause' | 'resume' | 'retry' | 'delete' }
>;

/**
 * Asks a running server: that of `--server`, of SPACEPORT_SERVER, or of the local stack; the answer goes to stdout. The
 * API key comes from SPACEPORT_KEY alone: an argument would be seen in lists of processes.
 */
export async function runJobCommand(
  command: JobCommand,
  checkout: Checkout,
  { SPACEPORT_SERVER, SPACEPORT_KEY }: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  if (command.name === 'upload') return upload(command.photos, checkout, signal);
  const address = command.server ?? serverAddress('SPACEPORT_SERVER', SPACEPORT_SERVER);
  const api = new SpaceportApi(address ?? (await localEndpoints(checkout)).server, SPACEPORT_KEY || null);
  switch (command.name) {
    case 'jobs':
      return void show(await api.jobs(), command.json, jobList);
    case 'job':
      return void show(await api.job(command.jobId, signal), command.json, jobDetails);
    case 'cancel':
      report(command.jobId, await api.cancel(command.jobId, command.reason ?? undefined));
      return;
    case 'accept':
      report(command.jobId, await api.accept(command.jobId));
      return;
    case 'pause':
      report(command.jobId, await api.pause(command.jobId), 'pauses before the next stage');
      return;
    case 'resume':
      report(command.jobId, await api.resume(command.jobId));
      return;
    case 'retry':
      report(command.jobId, await api.retry(command.jobId, command.fromStage, command.limits));
      return;
    case 'delete':
      print(`Job ${command.jobId} is being erased. What remains: ${await api.erase(command.jobId)}.`);
      return;
  }
}

const show = <T>(answer: T, asJson: boolean, inWords: (answer: T) => string): void =>
  print(asJson ? JSON.stringify(answer, null, 2) : inWords(answer));

const report = (jobId: string, { state, note }: MessageAnswer, what = `is ${state}`): void =>
  print(`Job ${jobId} ${what}${note === null ? '' : ` (${note})`}.`);

async function upload(source: string, checkout: Checkout, signal: AbortSignal): Promise<void> {
  const photos = await findPhotos(path.resolve(source));
  process.stderr.write(`${sentence(photos)}\n`);
  const s3 = stackS3Client(await localEndpoints(checkout), await loadCredentials(checkout.stateFolder));
  try {
    print(await uploadPhotos(s3, LOCAL_BUCKET, photos, signal));
  } finally {
    s3.destroy();
  }
}

async function localEndpoints({ stateFolder }: Checkout): Promise<Endpoints> {
  const endpoints = (await findRunningStack(stateFolder))?.endpoints;
  if (!endpoints)
    throw new UsageError('no local stack is running: start one with "npm start", or name a server with --server URL');
  return endpoints;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
