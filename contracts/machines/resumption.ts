import type { Attempt, JobRecord } from '../job/record';
import { failureClass } from '../job/failures';
import { OPTION_RULES } from '../stages/options';
import type { Part, Stage } from '../stages/stage';
import { STAGE } from '../stages/stages';

/** Kinds of ends after which the checkpoints of an attempt are still good. */
const INTERRUPTED: ReadonlySet<string> = new Set(['platform', 'runtime', 'stopped', 'capacity']);

/**
 * The attempt from whose checkpoints the next one of this stage and part may start: the last one, if it was cut short
 * and had the same options, rung of the memory ladder and inputs. Null where there is none. The program refuses a
 * checkpoint of other inputs by itself; this only spares it one that cannot fit.
 */
export function resumableAttempt(record: JobRecord, stage: Stage, part: Part, memoryStep: number): number | null {
  const last = STAGE[stage].resumes ? lastAttempt(record, stage, part) : null;
  if (last?.memoryStep !== memoryStep || !wasCutShort(last) || !sameOptions(last, record)) return null;
  return last.resumedFrom ?? last.attempt;
}

/**
 * An attempt that completed, and whose result no gate has judged: the job was cancelled in that moment. It is paid for,
 * so a retry with the same options judges it before it rents another machine. Null where there is none.
 */
export function unjudgedAttempt(record: JobRecord, stage: Stage, part: Part): Attempt | null {
  const last = lastAttempt(record, stage, part);
  if (last?.status !== 'Completed' || last.failure !== null || !sameOptions(last, record)) return null;
  const judged = record.gates.some(
    (gate) => gate.stage === stage && gate.part === part && gate.attempt === last.attempt,
  );
  return judged ? null : last;
}

/**
 * The last attempt of this stage and part, if it was made from what is accepted now. An attempt of another stage after
 * it means that the job has been there since: an earlier stage has made new inputs. Other parts of the same stage take
 * nothing from it.
 */
function lastAttempt({ attempts }: JobRecord, stage: Stage, part: Part): Attempt | null {
  const sinceOthers = attempts.slice(attempts.findLastIndex((line) => line.stage !== stage) + 1);
  return sinceOthers.findLast((line) => line.part === part) ?? null;
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
