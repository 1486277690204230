import { appendFile } from 'node:fs/promises';

/** A fault that has fired, and the job (`jobName`) or object (`key`) that it befell. */
export interface FiredFault {
  kind: string;
  /** The API call that the fault befell; a fault of a running job has none. */
  operation?: string;
  jobName?: string;
  key?: string;
}

/**
 * Notes that a fault is befalling something now: one line of JSON in `faults-fired.jsonl`, with the time. Written in
 * one piece, so that several processes may note theirs in the same file.
 */
export function noteFiredFault(file: string, fault: FiredFault): Promise<void> {
  return appendFile(file, `${JSON.stringify({ ...fault, time: new Date().toISOString() })}\n`);
}
