import { once } from 'node:events';
import { createServer, request, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { failure } from '../../../contracts/job/failures';
import { jobRecord, openRun, testApp } from '../helpers';

const { app, runs, job } = testApp();
let server: Server;

beforeAll(async () => {
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  runs.messages.length = 0;
  job(
    jobRecord({ state: 'parked', step: 'training', failure: failure('TOO_FEW_POINTS', 'only 31 points') }),
    openRun({ state: 'parked' }),
  );
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: { readonly code?: string; readonly detail?: string };
}

/** Sends exactly these headers and bytes: Node adds a length, or chunks where there is none. */
function send(path: string, headers: OutgoingHttpHeaders, body?: string | Buffer, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      const { statusCode: status, headers: answered } = response;
      json(response).then((body) => resolve({ status, headers: answered, body: body as Answer['body'] }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const RETRY = '/v1/jobs/job123456/retry';
const CHANGED = '{"fromStage":"sfm","budgetUsd":5}';
const lengthOf = (body: string | Buffer): OutgoingHttpHeaders => ({ 'content-length': Buffer.byteLength(body) });

test.each<[string, string, OutgoingHttpHeaders]>([
  ['no Content-Type', 'without a Content-Type', {}],
  ['an empty Content-Type', 'without a Content-Type', { 'content-type': '' }],
  ["curl's own", 'x-www-form-urlencoded', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['text', 'text/plain', { 'content-type': 'text/plain;charset=UTF-8' }],
  ['a type that only sounds like JSON', 'application/jsonl', { 'content-type': 'application/jsonl' }],
  ['no type at all', 'as json', { 'content-type': 'json' }],
  ['another charset', 'utf-16', { 'content-type': 'application/json; charset="utf-16"' }],
  ['an old charset', 'latin1', { 'content-type': 'application/json; charset=latin1' }],
])('A01: a body with %s is refused, and the job is told nothing', async (_what, shown, headers) => {
  for (const length of [lengthOf(CHANGED), { 'transfer-encoding': 'chunked' }]) {
    const answer = await send(RETRY, { ...headers, ...length }, CHANGED);
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
    expect(answer.headers.accept).toBe('application/json');
    expect(answer.body.detail).toContain(shown);
    expect(answer.body.detail).toContain('"Content-Type: application/json"');
  }
  expect(runs.messages).toEqual([]);
});

test('A01: every address that takes a body refuses one of another type', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const command of ['cancel', 'retry', 'accept', 'pause', 'resume'])
    expect(await send(`/v1/jobs/job123456/${command}`, { ...form, ...lengthOf('{}') }, '{}')).toMatchObject({
      status: 415,
    });
  expect(await send('/start-job', { ...form, ...lengthOf('{}') }, '{}')).toMatchObject({ status: 415 });
  expect(await send('/v1/jobs/job123456', { ...form, ...lengthOf('{}') }, '{}', 'DELETE')).toMatchObject({
    status: 415,
  });
  expect(runs.messages).toEqual([]);
});

test('A01: an encoding that is not read is refused, one that is changes nothing', async () => {
  const json = { 'content-type': 'application/json' };
  const odd = { ...json, 'content-encoding': 'compress', ...lengthOf(CHANGED) };
  expect(await send(RETRY, odd, CHANGED)).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  const zipped = gzipSync(CHANGED);
  expect(await send(RETRY, { ...json, 'content-encoding': 'gzip', ...lengthOf(zipped) }, zipped)).toMatchObject({
    status: 202,
  });
  expect(runs.messages).toMatchObject([{ name: 'retry', payload: { fromStage: 'sfm', budgetUsd: 5 } }]);
});

test('no body at all is allowed, whatever its type is said to be', async () => {
  for (const headers of [{}, { 'content-type': 'application/x-www-form-urlencoded' }])
    expect(await send(RETRY, { ...headers, 'content-length': 0 })).toMatchObject({ status: 202 });
  expect(runs.messages).toMatchObject([{ payload: { fromStage: null } }, { payload: { fromStage: null } }]);
});

test('null is no object, whatever the address would do without a body', async () => {
  const headers = { 'content-type': 'application/json', ...lengthOf('null') };
  for (const path of [RETRY, '/v1/jobs/job123456/pause', '/v1/jobs/job123456/cancel', '/start-job', '/v1/uploads'])
    expect(await send(path, headers, 'null')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', errors: [{ field: '', message: 'must be an object' }] },
    });
  expect(await send('/v1/jobs/job123456', headers, 'null', 'DELETE')).toMatchObject({ status: 400 });
  expect(runs.messages).toEqual([]);
});

test.each([
  ['/start-job', 64 * 1024, '64 KB'],
  ['/v1/uploads', 4 * 2 ** 20, '4 MB'],
])('a body that is too long is refused with the limit of %s', async (path, limit, shown) => {
  const body = JSON.stringify({ name: 'x'.repeat(limit) });
  for (const length of [lengthOf(body), { 'transfer-encoding': 'chunked' }])
    expect(await send(path, { 'content-type': 'application/json', ...length }, body)).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE', detail: `this request has ${shown} at most` },
    });
});

test('a body that is announced as too long is not waited for', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': 64 * 1024 + 1, connection: 'close' };
  expect(await send('/start-job', headers, '{')).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
});

test('JSON is taken with and without a charset, in any case', async () => {
  for (const type of ['application/json', 'Application/JSON; Charset=UTF-8', 'application/json;charset="utf-8"'])
    expect(await send(RETRY, { 'content-type': type, ...lengthOf(CHANGED) }, CHANGED)).toMatchObject({ status: 202 });
  expect(runs.messages).toHaveLength(3);
});

test('an address that is not there says so before anything about its body', async () => {
  expect(await send('/v1/jobs/job123456/unknown', lengthOf('x'), 'x')).toMatchObject({ status: 404 });
  expect(await send('/v1/jobs/job123456', lengthOf('x'), 'x')).toMatchObject({ status: 405 });
});
