import type { Attempt, JobRecord } from './job-record';
import { failureClass } from './failures';

/** Kinds of ends after which what a training had done by then is still good. */
const INTERRUPTED: ReadonlySet<string> = new Set(['platform', 'runtime', 'stopped', 'capacity']);

/**
 * The attempt whose checkpoints the next attempt of training may go on from: the last one, where it was cut short and
 * had the same options, rung of the memory ladder and sparse model. Null where there is none. The program refuses a
 * checkpoint of other inputs by itself; this only spares it one that cannot fit.
 */
export function resumableAttempt(record: JobRecord, memoryStep: number): number | null {
  const last = record.attempts.at(-1); // an attempt of SfM after it would have made another model
  if (last?.stage !== 'training' || last.memoryStep !== memoryStep || !wasCutShort(last)) return null;
  if (JSON.stringify(last.options) !== JSON.stringify(record.request.options)) return null;
  return last.resumedFrom ?? last.attempt;
}

function wasCutShort({ status, failure }: Attempt): boolean {
  if (status === 'Stopped') return true;
  return status === 'Failed' && failure !== null && INTERRUPTED.has(failureClass(failure.code));
}
