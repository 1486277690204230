import { parseLimits, type BudgetLimits } from '../job/budget';
import { CAPACITIES, isCapacity, type Capacity } from '../machines/capacity';
import { parseJobOptions, type JobOptions } from '../stages/options';
import { STAGES, isStage, type Stage } from '../stages/stage';
import { isRecord, parsed, problemsOf, problemsWithin, type FieldProblem, type Parsed } from './parsed';

/** Names that the API, the CLI and `temporal workflow signal` use. */
export const SIGNAL = {
  cancel: 'cancel',
  retry: 'retry',
  accept: 'accept',
  pause: 'pause',
  resume: 'resume',
  change: 'change',
} as const;
export type SignalName = keyof typeof SIGNAL;

export interface CancelRequest {
  readonly reason: string;
  /** The sender, in words for people: a name, or the way that the request came. */
  readonly by: string;
}

/** A person's yes to a result that a gate left open. */
export interface AcceptRequest {
  readonly by: string;
}

/** What machines may cost, and how they are rented. */
export interface Terms extends BudgetLimits {
  readonly capacity?: Capacity;
}

/** New terms are for a job that the old ones have ended. */
export interface RetryRequest extends Terms {
  /** The failed stage where it is not given. */
  readonly fromStage: Stage | null;
  readonly options: JobOptions;
}

export const MAX_REASON_LENGTH = 500;
/** Longest name accepted in `by`, in characters. */
export const MAX_NAME_LENGTH = 100;

const RETRY_FIELDS: readonly string[] = ['fromStage', 'options', 'budgetUsd', 'maxHours', 'capacity'];

/** A `cancel` payload. Never refuses: stopping must work with `--input '{}'`, with none, and with nonsense. */
export function parseCancel(payload: unknown): CancelRequest {
  const reason = isRecord(payload) && typeof payload.reason === 'string' ? payload.reason.trim() : '';
  return { reason: reason.slice(0, MAX_REASON_LENGTH) || 'no reason given', by: sender(payload) };
}

/** An `accept` payload. Never refuses, as `cancel`. */
export const parseAccept = (payload: unknown): AcceptRequest => ({ by: sender(payload) });

/** `by` of a payload: as little believed as any name that someone gives of themselves. */
function sender(payload: unknown): string {
  const by = isRecord(payload) && typeof payload.by === 'string' ? payload.by.trim() : '';
  return by.slice(0, MAX_NAME_LENGTH) || 'a signal';
}

/** A `retry` payload: `{ fromStage?, options?, budgetUsd?, maxHours?, capacity? }`; none means the failed stage, unchanged. */
export function parseRetry(payload: unknown): Parsed<RetryRequest> {
  if (payload === undefined || payload === null) return { ok: true, value: { fromStage: null, options: {} } };
  if (!isRecord(payload)) return { ok: false, problems: [{ field: '', message: 'must be an object' }] };
  const problems: FieldProblem[] = Object.keys(payload)
    .filter((key) => !RETRY_FIELDS.includes(key))
    .map((field) => ({ field, message: `is unknown; known are ${RETRY_FIELDS.join(', ')}` }));
  const fromStage = payload.fromStage ?? null;
  if (fromStage !== null && !isStage(fromStage))
    problems.push({ field: 'fromStage', message: `must be one of ${STAGES.join(', ')}` });
  const capacity = payload.capacity ?? undefined;
  if (capacity !== undefined && !isCapacity(capacity))
    problems.push({ field: 'capacity', message: `must be one of ${CAPACITIES.join(', ')}` });
  const limits = parseLimits(payload);
  const options = parseJobOptions(payload.options);
  problems.push(...problemsOf(limits), ...problemsWithin('options', options));
  return parsed(
    {
      fromStage: isStage(fromStage) ? fromStage : null,
      options: options.ok ? options.value : {},
      ...(limits.ok && limits.value),
      ...(isCapacity(capacity) && { capacity }),
    },
    problems,
  );
}
