import pino from 'pino';
import { parseTraceparent, spanIdOfRun, traceparent } from '../../../contracts/tracing/trace-context';
import { currentSpan, logFields, outside, within } from '../../../platform/tracing/current';
import { createOtlpTracer } from '../../../platform/tracing/otlp';
import { traced, type Span } from '../../../platform/tracing/tracer';
import { OtlpReceiver } from '../../helpers/observe/otlp-receiver';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const SPAN: Span = {
  ...PARENT,
  parentSpanId: null,
  name: 'GET /v1/jobs',
  kind: 'server',
  startMs: 1_700_000_000_000,
  endMs: 1_700_000_000_250,
  attributes: { text: 'a', whole: 3, part: 0.5, truth: true, none: null },
  error: 'status 503',
};

test("a traceparent names a span, as the standard's own example does; what is none names nothing", () => {
  const text = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(parseTraceparent(text)).toEqual(PARENT);
  expect(traceparent(PARENT)).toBe(text);
  for (const none of ['', 'x', text.slice(0, -4), `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, text.toUpperCase()])
    expect(parseTraceparent(none)).toBeNull();
  expect(spanIdOfRun('01938f7e-2f1c-7a3b-9c4d-0123456789ab')).toBe('9c4d0123456789ab');
});

test('spans are sent as OTLP has them, with the headers of the receiver', async () => {
  const receiver = await OtlpReceiver.start();
  const endpoint = { url: receiver.url, headers: { 'x-key': 'secret' } };
  const tracer = createOtlpTracer(endpoint, { 'service.name': 'spaceport-server' }, pino({ level: 'silent' }));
  tracer.record(SPAN);
  await tracer.flush();
  receiver.stop();
  expect(receiver.headers[0]).toMatchObject({ 'x-key': 'secret', 'content-type': 'application/json' });
  const { kind: _kind, attributes: _attributes, ...told } = SPAN;
  const attributes = { text: 'a', whole: '3', part: '0.5', truth: 'true' };
  expect(receiver.spans).toEqual([{ ...told, service: 'spaceport-server', attributes }]);
});

test('a receiver that takes nothing is told of once, and once that it does again', async () => {
  const receiver = await OtlpReceiver.start();
  const said: string[] = [];
  const logger = pino(
    { level: 'info' },
    { write: (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const tracer = createOtlpTracer({ url: receiver.url, headers: {} }, {}, logger);
  for (const status of [503, 503, 200, 200]) {
    receiver.status = status;
    tracer.record(SPAN);
    await tracer.flush();
  }
  receiver.stop();
  expect(said).toEqual([expect.stringContaining('lost'), expect.stringContaining('again')]);
  expect(receiver.spans).toHaveLength(2);
});

test('what is done within a span belongs to it, and so do its log lines; an error passes through, and is told without its words', async () => {
  const recorded: Span[] = [];
  const tracer = { record: (span: Span) => void recorded.push(span) };
  const work = traced(tracer, PARENT, { name: 'activity', attributes: {} }, async () => {
    await Promise.resolve();
    within({ requestId: 'r1', span: currentSpan() }, () =>
      expect([logFields(), outside(logFields)]).toEqual([{ requestId: 'r1', traceId: PARENT.traceId }, {}]),
    );
    throw new Error('pilot@example.com is unknown');
  });
  await expect(work).rejects.toThrow('unknown');
  expect(recorded).toMatchObject([{ traceId: PARENT.traceId, parentSpanId: PARENT.spanId, error: 'Error' }]);
  expect([currentSpan(), logFields()]).toEqual([null, {}]);
});
