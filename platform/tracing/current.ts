import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanContext } from '../../contracts/tracing/trace-context';

/** What is being worked on, as far as this process knows. */
interface Work {
  /** Of the request that is answered. */
  readonly requestId?: string;
  /** What begins meanwhile is part of it; null where nothing is traced. */
  readonly span: SpanContext | null;
}

const storage = new AsyncLocalStorage<Work>();

/** Runs `work`; whatever it calls, and awaits, finds here what it belongs to. */
export const within = <T>(what: Work, work: () => T): T => storage.run({ ...storage.getStore(), ...what }, work);

/** Runs `work` as nobody's part: for what goes on behind the back of whoever set it going. */
export const outside = <T>(work: () => T): T => storage.exit(work);

export const currentSpan = (): SpanContext | null => storage.getStore()?.span ?? null;

/** Fields of a line that is logged now. */
export function logFields(): { requestId?: string; traceId?: string } {
  const { requestId, span = null } = storage.getStore() ?? {};
  return { ...(requestId !== undefined && { requestId }), ...(span !== null && { traceId: span.traceId }) };
}
