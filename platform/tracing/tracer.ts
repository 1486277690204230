import { createHash, randomBytes } from 'node:crypto';
import type { SpanContext } from '../../contracts/tracing/trace-context';
import { within } from './current';

/** Of strings, numbers and truth values; null and undefined are left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Something that took time, when it is over. */
export interface Span extends SpanContext {
  /** Null of the first span of a trace. */
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'server';
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** The kind of what went wrong, and no words: these may hold addresses of people. Null where nothing did. */
  readonly error: string | null;
}

/** Takes spans that are over; they are sent behind the back of whoever made them. */
export interface Tracer {
  record(span: Span): void;
}

export const newTraceId = (): string => randomBytes(16).toString('hex');
export const newSpanId = (): string => randomBytes(8).toString('hex');
/** The same for the same words: whoever tells of a thing twice tells of one span. */
export const spanIdOf = (...words: readonly string[]): string =>
  createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 16);

/** The code of a failure of ours, else the name of its class. */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}

/** Runs `work` as a span below `parent`, and whatever it does as part of that. Errors pass through. */
export async function traced<T>(
  tracer: Tracer,
  parent: SpanContext,
  { name, attributes }: Pick<Span, 'name' | 'attributes'>,
  work: () => Promise<T>,
): Promise<T> {
  const span = { traceId: parent.traceId, spanId: newSpanId() };
  const startMs = Date.now();
  const record = (error: string | null): void =>
    tracer.record({
      ...span,
      parentSpanId: parent.spanId,
      name,
      kind: 'internal',
      startMs,
      endMs: Date.now(),
      attributes,
      error,
    });
  try {
    const result = await within({ span }, work);
    record(null);
    return result;
  } catch (error) {
    record(errorKind(error));
    throw error;
  }
}
