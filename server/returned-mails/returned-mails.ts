import { paginateFilterLogEvents, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { iso } from '../../contracts/job/view';
import { isRecord } from '../../contracts/messages/parsed';
import { parseReturnedMail, type ReturnedMail } from '../../contracts/messages/returned-mail';
import { layout } from '../../contracts/storage/layout';
import type { AuditLog } from '../../platform/audit/audit-log';
import type { Logger } from '../../platform/logger';
import { readJson, writeJson, type BucketDeps } from '../../platform/s3-objects';

const EVERY_MS = 5 * 60_000;
/** What came while no server looked is found, too. */
const FIRST_LOOK_BACK_MS = 24 * 3600_000;
/** Lines come late, and a mail may come back before its delivery is written down. */
const LOOK_BACK_MS = 4 * EVERY_MS;

export interface ReturnedMailsDeps extends BucketDeps {
  readonly logs: CloudWatchLogsClient;
  /** Where EventBridge writes what becomes of mails. */
  readonly logGroup: string;
  readonly audit: Pick<AuditLog, 'write'>;
  /** Whether this is the one server that looks. */
  readonly isLeader: () => boolean;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** Marks mails that came back on their jobs: a mail server took them at first, so that their deliveries say delivered. */
export interface ReturnedMails {
  /** Looks every five minutes, on the server that leads. */
  start(): void;
  /** One look; returns how many deliveries it has marked. Never rejects, and marks each once. */
  look(): Promise<number>;
  stop(): void;
}

export function createReturnedMails(deps: ReturnedMailsDeps): ReturnedMails {
  const { logs, logGroup, s3, bucket, audit, isLeader, logger, now = Date.now } = deps;
  let fromMs = now() - FIRST_LOOK_BACK_MS;
  let timer: NodeJS.Timeout | undefined;

  const mark = async ({ jobId, eventId, why }: ReturnedMail, atMs: number): Promise<boolean> => {
    const key = layout.delivery(jobId, `mail-${eventId}`);
    const delivery = (await readJson(s3, { bucket, key }))?.value;
    if (!isRecord(delivery) || delivery.status !== 'delivered') return false;
    await writeJson(s3, { bucket, key }, { ...delivery, status: 'returned', detail: why, at: iso(atMs) });
    const by = { kind: 'upkeep', keyId: null } as const;
    await audit.write(jobId, { at: iso(atMs), operation: 'noteReturnedMail', by, requestId: null, details: { why } });
    logger.warn({ jobId, why }, 'a mail came back');
    return true;
  };

  const look = async (): Promise<number> => {
    if (!isLeader()) return 0;
    const begunMs = now();
    let marked = 0;
    try {
      const asked = { logGroupName: logGroup, startTime: fromMs, filterPattern: '{ $.source = "aws.ses" }' };
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, asked))
        for (const { message = '', timestamp = begunMs } of events) {
          const mail = parseReturnedMail(message);
          if (mail !== null && (await mark(mail, timestamp))) marked += 1;
        }
      fromMs = begunMs - LOOK_BACK_MS;
    } catch (error) {
      logger.warn({ err: error }, 'mails that came back cannot be looked for');
    }
    return marked;
  };

  return {
    start: () => (timer ??= setInterval(() => void look(), EVERY_MS).unref()),
    look,
    stop: () => clearInterval(timer),
  };
}
