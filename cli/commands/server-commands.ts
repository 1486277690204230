import path from 'node:path';
import type { Checkout } from '../../local/stack/checkout';
import type { Command } from '../command';
import { chooseServer, localStorage } from '../server/server-choice';
import { findPhotos, sentence, uploadPhotos } from '../server/photo-upload';
import type { MessageAnswer } from '../server/spaceport-api';
import { jobDetails } from '../text/job-details';
import { jobList } from '../text/job-list';
import { EXIT } from '../text/job-summary';
import { startBatch, startedBatch } from './batch';
import { estimate, estimateInWords } from './estimate';
import { keys } from './keys';
import { logs } from './logs';
import { outcome, run, save } from './run';
import { usage } from './usage';
import { watchJob } from './watch-job';

/** Commands that ask a running server. */
export type ServerCommand = Extract<Command, { readonly server: string | null }>;

/** Asks a server; the answer goes to stdout. Returns the exit status. */
export async function runServerCommand(
  command: ServerCommand,
  checkout: Checkout,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const chosen = await chooseServer(command, checkout, environment);
  const { api } = chosen;
  const done = (text: string): number => {
    print(text);
    return EXIT.succeeded;
  };
  const answer = <T>(found: T, asJson: boolean, inWords: (found: T) => string): number =>
    done(asJson ? JSON.stringify(found, null, 2) : inWords(found));
  switch (command.name) {
    case 'run': {
      const { text, status } = await run(command, chosen, say, signal);
      print(text);
      return status;
    }
    case 'estimate':
      return answer(await estimate(command.source, command.preset, api), command.json, estimateInWords);
    case 'jobs':
      return answer(await api.jobs(), command.json, jobList);
    case 'job': {
      if (!command.follow) return answer(await api.job(command.jobId, signal), command.json, jobDetails);
      const { text, status } = outcome(
        await watchJob(api, command.jobId, say, signal, { forProgram: command.json }),
        command.json,
      );
      print(text);
      return status;
    }
    case 'logs':
      await logs(command, api, print, signal);
      return EXIT.succeeded;
    case 'download': {
      const folder = await save(api, await api.job(command.jobId, signal), command.output, say, signal);
      if (folder !== null) return done(folder);
      say(`Job ${command.jobId} has no result.`);
      return EXIT.error;
    }
    case 'batch':
      return answer(await startBatch(command.file, api), command.json, startedBatch);
    case 'usage':
      return done(await usage(command, api));
    case 'keys':
      return done(await keys(command, api));
    case 'cancel':
      return done(told(command.jobId, await api.cancel(command.jobId, command.reason ?? undefined)));
    case 'accept':
      return done(told(command.jobId, await api.accept(command.jobId)));
    case 'pause':
      return done(told(command.jobId, await api.pause(command.jobId), 'pauses before the next stage'));
    case 'resume':
      return done(told(command.jobId, await api.resume(command.jobId)));
    case 'retry':
      return done(told(command.jobId, await api.retry(command.jobId, command.fromStage, command.limits)));
    case 'delete':
      return done(`Job ${command.jobId} is being erased. What remains: ${await api.erase(command.jobId)}.`);
  }
}

const told = (jobId: string, { state, note }: MessageAnswer, what = `is ${state}`): string =>
  `Job ${jobId} ${what}${note === null ? '' : ` (${note})`}.`;

/** Puts photos into the bucket of the local stack; the address for a start request goes to stdout. */
export async function upload(
  source: string,
  checkout: Checkout,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const photos = await findPhotos(path.resolve(source));
  say(sentence(photos));
  const { s3, bucket } = await localStorage(checkout);
  try {
    print(await uploadPhotos(s3, bucket, photos, signal));
  } finally {
    s3.destroy();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
