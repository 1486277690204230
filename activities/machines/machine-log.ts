import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { parseProgressLine, type Progress } from '../../contracts/stages/progress';
import type { MachineJobKind } from '../../contracts/stages/stage';
import { findLogStream, readLogPage } from '../../platform/machine-logs/log-stream';

/** Pages read in one go, so that a chatty container cannot hold up a heartbeat. */
const MAX_PAGES = 10;

/** Where the log of a job was read up to. */
export interface LogPosition {
  readonly stream: string | null;
  readonly token: string | null;
}

/** Reads what a job has logged since `position`: the newest progress line and the position to continue from. */
export async function readProgress(
  logs: CloudWatchLogsClient,
  kind: MachineJobKind,
  jobName: string,
  position: LogPosition,
  signal: AbortSignal,
): Promise<{ progress: Progress | null; position: LogPosition }> {
  const name = position.stream ?? (await findLogStream(logs, kind, jobName, signal))?.name ?? null;
  if (name === null) return { progress: null, position };
  let progress: Progress | null = null;
  let token = position.token;
  for (let read = 0; read < MAX_PAGES; read += 1) {
    const page = await readLogPage(logs, { kind, name }, token === null ? { fromMs: 0 } : { token }, signal);
    if (page === null) break;
    for (const { text } of page.lines) progress = parseProgressLine(text) ?? progress;
    token = page.token;
    if (page.isLast) break;
  }
  return { progress, position: { stream: name, token } };
}
