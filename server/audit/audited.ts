import type { Request, Response } from 'express';
import type { AuditEntry } from '../../contracts/access/audit-schema';
import { iso } from '../../contracts/job/view';
import type { AuditLog } from '../../platform/audit/audit-log';
import type { Logger } from '../../platform/logger';
import { contextOf, type Caller } from '../http/context';
import { isWrite, type Route } from '../http/route';
import { whoIs } from './who-is';

/** The same routes, of which those that change a job note who has done it. */
export type Audited = (routes: readonly Route[]) => Route[];

interface AuditDeps {
  readonly log: Pick<AuditLog, 'write'>;
  readonly logger: Logger;
  readonly now: () => number;
}

const OF_A_JOB = '/v1/jobs/{jobId}';
const STARTS: readonly string[] = ['createJob', 'startJob'];
/** Takes the whole folder of the job with it: the log of the server alone keeps who did that. */
const ERASES = 'eraseJob';
/** Characters of JSON: a note is no place for what is larger. */
const MAX_DETAILS = 2000;

/**
 * A deed is noted once it is done, beside its answer: nobody waits for that, and where S3 is away the log of the server
 * has it all the same. Answers to repeats are no deeds.
 */
export function createAudited({ log, logger, now }: AuditDeps): Audited {
  const write = async (jobId: string, entry: AuditEntry): Promise<void> => {
    try {
      await log.write(jobId, entry);
    } catch (error) {
      logger.error({ err: error, jobId, requestId: entry.requestId }, 'a deed is in this log alone');
    }
  };

  const note = (operation: string, caller: Caller, request: Request, response: Response): void => {
    const isStart = STARTS.includes(operation);
    const jobId = isStart ? jobOfLocation(response) : String(request.params.jobId);
    const { requestId } = contextOf(response);
    const details = isStart ? null : shortBody(request.body);
    const entry: AuditEntry = { at: iso(now()), operation, by: whoIs(caller), requestId, details };
    const { kind, keyId } = entry.by;
    logger.info({ audit: operation, jobId, tenant: caller.tenant, by: kind, keyId, requestId }, 'done for a caller');
    if (operation === ERASES) return;
    // A server that was told to stop ends when nothing is under way any more.
    void write(jobId, entry);
  };

  return (routes) =>
    routes.map((route) => {
      const { operation, path, method, handle } = route;
      if (!STARTS.includes(operation) && !(path.startsWith(OF_A_JOB) && isWrite(method))) return route;
      return {
        ...route,
        async handle(request, response, answerOnce) {
          await handle(request, response, answerOnce);
          const { caller } = contextOf(response);
          if (caller !== null && isDone(operation, response)) note(operation, caller, request, response);
        },
      };
    });
}

/** Whether an answer says that something was done, now. A start that finds its job again answers 200. */
const isDone = (operation: string, response: Response): boolean =>
  response.statusCode < 300 &&
  response.getHeader('idempotency-replayed') === undefined &&
  !(STARTS.includes(operation) && response.statusCode === 200);

/** A start answers with the address of its job. */
const jobOfLocation = (response: Response): string => String(response.getHeader('location')).split('/').at(-1) ?? '';

const shortBody = (body: unknown): unknown => {
  const text = JSON.stringify(body ?? {});
  return text === '{}' || text.length > MAX_DETAILS ? null : body;
};
