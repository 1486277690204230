import type { OtlpEndpoint } from '../config';
import type { Logger } from '../logger';
import { outside } from './current';
import type { Span, Tracer } from './tracer';

/** How a process of a deployment is called in traces. */
export const tracedService = (
  process: string,
  { deployment }: { readonly deployment: string },
): Record<string, string> => ({
  'service.name': `spaceport-${process}`,
  'deployment.environment.name': deployment,
});

/** A tracer that sends its spans in batches. */
export interface OtlpTracer extends Tracer {
  /** Sends what waits, and waits until that is over. */
  flush(): Promise<void>;
}

const SEND_EVERY_MS = 2000;
const MAX_BATCH = 500;
/** Spans that wait while a receiver is away; older ones are lost. */
const MAX_WAITING = 5000;
const TIMEOUT_MS = 10_000;

/** SpanKind and StatusCode of OTLP's protocol. */
const KIND = { internal: 1, server: 2 } as const;
const STATUS_ERROR = 2;

/**
 * Sends spans as OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). A receiver that is away holds up
 * nothing: it is said once, and spans are lost.
 * @param service the process, as the receiver shows it
 */
export function createOtlpTracer(
  { url, headers }: OtlpEndpoint,
  service: Readonly<Record<string, string>>,
  logger: Logger,
): OtlpTracer {
  let waiting: Span[] = [];
  let isAway = false;
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> = Promise.resolve();

  const resource = { attributes: attributesOf(service) };
  const send = async (spans: readonly Span[]): Promise<void> => {
    const body = {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'spaceport' }, spans: spans.map(otlpSpan) }] }],
    };
    try {
      const response = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answers with status ${response.status}`);
      if (isAway) logger.info('the receiver of traces takes spans again');
      isAway = false;
    } catch (error) {
      if (!isAway) logger.warn({ err: error }, 'the receiver of traces takes no spans: they are lost until it does');
      isAway = true;
    }
  };

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const spans = waiting;
    waiting = [];
    sending = sending.then(async () => {
      for (let from = 0; from < spans.length; from += MAX_BATCH) await send(spans.slice(from, from + MAX_BATCH));
    });
    return sending;
  };

  return {
    record(span) {
      waiting.push(span);
      if (waiting.length > MAX_WAITING) waiting.shift();
      timer ??= outside(() => setTimeout(() => void flush(), SEND_EVERY_MS).unref());
    },
    flush,
  };
}

function otlpSpan({ traceId, spanId, parentSpanId, name, kind, startMs, endMs, attributes, error }: Span): object {
  return {
    traceId,
    spanId,
    ...(parentSpanId !== null && { parentSpanId }),
    name,
    kind: KIND[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf(attributes),
    ...(error !== null && { status: { code: STATUS_ERROR, message: error } }),
  };
}

/** 64-bit numbers are text in OTLP's JSON. */
const nanoseconds = (ms: number): string => `${Math.round(ms)}000000`;

const attributesOf = (attributes: Span['attributes']): object[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: valueOf(value) }],
  );

function valueOf(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
