import type { Attempt, JobRecord } from './record';
import { failureClass } from './failures';
import { OPTION_RULES } from '../stages/options';
import type { Stage } from '../stages/stage';

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
  if (!sameOptions(last, record)) return null;
  return last.resumedFrom ?? last.attempt;
}

/**
 * An attempt that completed, and whose result no gate has seen: the job was cancelled in that moment. It is paid for, so
 * a retry with the same options looks at it before it rents another machine. Null where there is none.
 */
export function unjudgedAttempt(record: JobRecord, stage: Stage): Attempt | null {
  const last = record.attempts.at(-1); // with nothing after it, its inputs are still the accepted ones
  if (last?.stage !== stage || last.status !== 'Completed' || last.failure !== null) return null;
  if (record.gates.some((gate) => gate.stage === stage && gate.attempt === last.attempt)) return null;
  return sameOptions(last, record) ? last : null;
}

/** Whether the options of the attempt's stage are still those that it had. */
const sameOptions = ({ stage, options }: Attempt, { request }: JobRecord): boolean =>
  (Object.keys(OPTION_RULES) as (keyof typeof OPTION_RULES)[]).every(
    (name) => OPTION_RULES[name].stage !== stage || options[name] === request.options[name],
  );

function wasCutShort({ status, failure }: Attempt): boolean {
  if (status === 'Stopped') return true;
  return status === 'Failed' && failure !== null && INTERRUPTED.has(failureClass(failure.code));
}
