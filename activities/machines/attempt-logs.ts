import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import type { MachineJobOwner } from '../../contracts/machines/names';
import { STAGE } from '../../contracts/stages/stages';
import { layout } from '../../contracts/storage/layout';
import { bounded } from '../../platform/bounded';
import { findLogStream, readLogPage, type LogLine } from '../../platform/machine-logs/log-stream';
import { LogKeeper, parseStoredLog } from '../../platform/machine-logs/stored-log';

export interface AttemptLogDeps {
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly tellOfMachine?: TellOfMachine | undefined;
}

export interface StoreLogInput extends Omit<Required<MachineJobOwner>, 'deployment'> {
  readonly jobName: string;
  /** How long CloudWatch may need for the last lines of a program that has ended, in milliseconds. */
  readonly settleMs: number;
}

/** Told of a machine job whose log was stored, with its lines as they are stored. */
export type TellOfMachine = (input: StoreLogInput, lines: readonly LogLine[], signal: AbortSignal) => Promise<void>;

/** Logs of attempts that have ended, which CloudWatch keeps for a time only. */
export interface AttemptLogActivities {
  /** Copies the log of an attempt to its `log.txt`; null where there is none, as of a machine that never started. */
  storeLog(input: StoreLogInput): Promise<{ readonly bytes: number } | null>;
}

/** Each holds some MB while it is put together. */
const AT_ONCE = 2;
/** Of 1 MB each. Of a log that is longer only the newest page is read behind them. */
const MAX_PAGES = 300;
const HEARTBEAT_EVERY_MS = 5000;

export function createAttemptLogActivities({ logs, s3, bucket, tellOfMachine }: AttemptLogDeps): AttemptLogActivities {
  const inTurn = bounded(AT_ONCE);

  /** The text to store; null where no log is. */
  async function read({ stage, jobName }: StoreLogInput, signal: AbortSignal): Promise<string | null> {
    const stream = await findLogStream(logs, STAGE[stage].kind, jobName, signal);
    if (stream === null) return null;
    const keeper = new LogKeeper();
    let token: string | null = null;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await readLogPage(logs, stream, token === null ? { fromMs: 0 } : { token }, signal);
      if (page === null) return keeper.text();
      keeper.add(page.lines);
      if (page.isLast) return keeper.text();
      token = page.token;
    }
    keeper.skip();
    keeper.add((await readLogPage(logs, stream, { newest: true }, signal))?.lines ?? []);
    return keeper.text();
  }

  return {
    async storeLog(input) {
      const signal = cancellationSignal();
      const { jobId, stage, attempt, part } = input;
      const beat = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
      try {
        await sleep(input.settleMs);
        return await inTurn(async () => {
          const text = await read(input, signal);
          if (text === null || text === '') return null;
          const Body = Buffer.from(text);
          const Key = layout.attemptLog(jobId, stage, attempt, part);
          const ContentType = 'text/plain; charset=utf-8';
          await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType }), { abortSignal: signal });
          log.info('stored the log of an attempt', { jobName: input.jobName, bytes: Body.length });
          await tellOfMachine?.(input, parseStoredLog(text), signal);
          return { bytes: Body.length };
        });
      } finally {
        clearInterval(beat);
      }
    },
  };
}
