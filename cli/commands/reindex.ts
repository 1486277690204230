import { execFile } from 'node:child_process';
import type { Checkout } from '../../local/stack/checkout';
import { programOfServer } from '../../local/stack/stack';
import { findRunningStack } from '../../local/stack/state-folder';
import { UsageError } from '../usage-error';

/** What the program says on stdout (server/indexer/rebuild). */
interface Report {
  readonly registered: number;
  readonly unreadable: number;
  readonly jobs: number;
  readonly jobsRemoved: number;
}

const ELSEWHERE =
  'on another server run "node dist/server/reindex/main.js" there, in the environment of its server (docs/operations.md)';

/** Rebuilds the database of the local stack's server from its S3; returns what that came to, as a program or a person reads it. */
export async function reindex(
  { json }: { readonly json: boolean },
  { stateFolder }: Checkout,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  if (!(await findRunningStack(stateFolder))?.endpoints)
    throw new UsageError(`no local stack is running: start one with "npm start"; ${ELSEWHERE}`);
  const { command, args, cwd, env } = await programOfServer({ stateFolder, environment }, 'server/reindex/main');
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(command, args, { cwd, env: { ...env, LOG_LEVEL: 'warn' }, signal }, (error, said, complaints) => {
      if (error === null) resolve(said);
      else reject(signal.aborted ? error : new UsageError(complaints.trim().split('\n').at(-1) ?? error.message));
    });
  });
  return json ? stdout.trim() : inWords(JSON.parse(stdout) as Report);
}

const inWords = ({ registered, unreadable, jobs, jobsRemoved }: Report): string =>
  [
    `The index holds ${counted(jobs, 'job')}.`,
    jobsRemoved === 0 ? '' : `${counted(jobsRemoved, 'job')} that S3 does not have were taken out.`,
    registered === 0
      ? 'Keys, tenants, shares and annotations were as S3 has them.'
      : `${counted(registered, 'key, tenant, share or annotation', 'keys, tenants, shares and annotations')} came from S3.`,
    unreadable === 0
      ? ''
      : `${counted(unreadable, 'object')} of the registry cannot be read: see the log of the server.`,
  ]
    .filter(Boolean)
    .join('\n');

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
