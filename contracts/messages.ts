import { parseJobOptions, type JobOptions } from './job-options';
import { STAGES, isStage, type Stage } from './stages';

/** Names that the API, the CLI and `temporal workflow signal` use. */
export const SIGNAL = { cancel: 'cancel', retry: 'retry' } as const;

export interface CancelRequest {
  readonly reason: string;
}

export interface RetryRequest {
  /** The failed stage where it is not given. */
  readonly fromStage: Stage | null;
  readonly options: JobOptions;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] };

const MAX_REASON_LENGTH = 500;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A `cancel` payload. Never refuses: stopping must work with `--input '{}'`, with none, and with nonsense. */
export function parseCancel(payload: unknown): CancelRequest {
  const reason = isRecord(payload) && typeof payload.reason === 'string' ? payload.reason.trim() : '';
  return { reason: reason.slice(0, MAX_REASON_LENGTH) || 'no reason given' };
}

/** A `retry` payload: `{ "fromStage"?, "options"? }`; none at all means the failed stage, unchanged. */
export function parseRetry(payload: unknown): Parsed<RetryRequest> {
  if (payload === undefined || payload === null) return { ok: true, value: { fromStage: null, options: {} } };
  if (!isRecord(payload)) return { ok: false, problems: ['the payload must be an object'] };
  const problems = Object.keys(payload)
    .filter((key) => key !== 'fromStage' && key !== 'options')
    .map((key) => `${key} is unknown; known are fromStage, options`);
  const fromStage = payload.fromStage ?? null;
  if (fromStage !== null && !isStage(fromStage)) problems.push(`fromStage must be one of ${STAGES.join(', ')}`);
  const parsed = parseJobOptions(payload.options);
  if ('problems' in parsed) return { ok: false, problems: [...problems, ...parsed.problems] };
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { fromStage: isStage(fromStage) ? fromStage : null, options: parsed.options } };
}
