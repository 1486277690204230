import request from 'supertest';
import { parseTraceparent } from '../../../contracts/tracing/trace-context';
import type { Span } from '../../../platform/tracing/tracer';
import { jobRecord, openRun, testApp } from '../helpers';

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function tracedApp() {
  const spans: Span[] = [];
  const made = testApp({ tracer: { record: (span) => void spans.push(span) } });
  made.job(jobRecord({ state: 'running', step: 'sfm' }), openRun());
  return { ...made, spans };
}

test('a request is a span under the name of its route, and says which request it was', async () => {
  const { app, spans } = tracedApp();
  const { headers } = await request(app).get('/v1/jobs/job123456').expect(200);
  await request(app).get('/nowhere').expect(404);
  expect(spans).toMatchObject([{ name: 'GET /v1/jobs/:jobId', kind: 'server', parentSpanId: null, error: null }]);
  expect(spans[0]?.attributes).toMatchObject({
    'http.response.status_code': 200,
    'spaceport.request_id': headers['x-request-id'],
    'spaceport.tenant': 'local',
  });
});

test("a caller's own trace is continued; each other request begins one", async () => {
  const { app, spans } = tracedApp();
  await request(app).get('/v1/jobs/job123456').set('traceparent', CALLER);
  await request(app).get('/v1/jobs/job123456');
  const { traceId, spanId } = parseTraceparent(CALLER) ?? {};
  expect(spans[0]).toMatchObject({ traceId, parentSpanId: spanId });
  expect(spans[1]?.traceId).not.toBe(traceId);
});

test('a server that fails marks the span', async () => {
  const { app, runs, spans } = tracedApp();
  runs.away = true;
  await request(app).post('/v1/jobs/job123456/pause').expect(503);
  expect(spans).toMatchObject([{ error: 'status 503' }]);
});
