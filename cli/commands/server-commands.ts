import path from 'node:path';
import type { Checkout } from '../../local/stack/checkout';
import type { Command } from '../command';
import { chooseServer, localStorage } from '../server/server-choice';
import { findPhotos, sentence, uploadPhotos } from '../server/photo-upload';
import { jobDetails } from '../text/job-details';
import { EXIT } from '../text/job-summary';
import { logs } from './logs';
import { outcome, run, save } from './run';
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
  switch (command.name) {
    case 'run': {
      const { text, status } = await run(command, chosen, say, signal);
      print(text);
      return status;
    }
    case 'request': {
      const { answer, words } = await command.ask(chosen);
      return done(command.json ? JSON.stringify(answer, null, 2) : words);
    }
    case 'job': {
      if (!command.follow) {
        const job = await api.job(command.jobId, signal);
        return done(command.json ? JSON.stringify(job, null, 2) : jobDetails(job));
      }
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
      if (folder !== null) return done(command.json ? JSON.stringify({ jobId: command.jobId, folder }) : folder);
      say(`Job ${command.jobId} has no result.`);
      return EXIT.error;
    }
  }
}

/** Puts photos into the bucket of the local stack; the address for a start request goes to stdout. */
export async function upload(
  { photos: source, json }: Extract<Command, { name: 'upload' }>,
  checkout: Checkout,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const photos = await findPhotos(path.resolve(source));
  say(sentence(photos));
  const { s3, bucket } = await localStorage(checkout);
  try {
    const s3Url = await uploadPhotos(s3, bucket, photos, signal);
    print(json ? JSON.stringify({ s3Url }) : s3Url);
  } finally {
    s3.destroy();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
