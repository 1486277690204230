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

/** A progress line, and when it was printed; milliseconds since 1970. */
export interface ProgressLine {
  readonly progress: Progress;
  readonly atMs: number;
}

/** Reads what a job has logged since `position`: the progress lines and the position to continue from. */
export async function readProgress(
  logs: CloudWatchLogsClient,
  kind: MachineJobKind,
  jobName: string,
  position: LogPosition,
  signal: AbortSignal,
): Promise<{ lines: readonly ProgressLine[]; position: LogPosition }> {
  const name = position.stream ?? (await findLogStream(logs, kind, jobName, signal))?.name ?? null;
  if (name === null) return { lines: [], position };
  const lines: ProgressLine[] = [];
  let token = position.token;
  for (let read = 0; read < MAX_PAGES; read += 1) {
    const page = await readLogPage(logs, { kind, name }, token === null ? { fromMs: 0 } : { token }, signal);
    if (page === null) break;
    for (const { text, atMs } of page.lines) {
      const progress = parseProgressLine(text);
      if (progress !== null) lines.push({ progress, atMs });
    }
    token = page.token;
    if (page.isLast) break;
  }
  return { lines, position: { stream: name, token } };
}
