/** A span as others refer to it: 32 and 16 hexadecimal digits (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** Header of HTTP requests, workflows and activities that names the span which they belong to. */
export const TRACE_HEADER = 'traceparent';

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/** What a `traceparent` names; null where it is none. Ids of zeros alone name nothing. */
export function parseTraceparent(text: string): SpanContext | null {
  const [, traceId = '', spanId = ''] = TRACEPARENT.exec(text) ?? [];
  return /[1-9a-f]/.test(traceId) && /[1-9a-f]/.test(spanId) ? { traceId, spanId } : null;
}

/** As a `traceparent` of a trace that is recorded. */
export const traceparent = ({ traceId, spanId }: SpanContext): string => `00-${traceId}-${spanId}-01`;

/** The span of a workflow's run: it follows from the run's id, a UUID whose end is random, so that nobody must keep it. */
export const spanIdOfRun = (runId: string): string => runId.replaceAll('-', '').slice(-16);
