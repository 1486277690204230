import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import request from 'supertest';
import { newSecret } from '../../../server/access/secrets';
import { findCheckout } from '../../../local/stack/checkout';
import { jobRecord, openRun, testApp, testConfig } from '../helpers';

/**
 * Schemathesis takes the API at its description's word: examples, edge cases, what the schemas allow and what they
 * forbid, and chains of requests that follow from each other. Endless streams are left out, by their mark; they have
 * tests of their own. The seed is fixed, so that a failure comes again.
 */
const SECONDS = 180;
const SEED = 1;
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];
const OPERATOR = newSecret('spk');
const UNLIMITED = 1_000_000;

let folder: string;
let server: Server;
let address: string;
let key: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-fuzz-'));
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made = testApp({
    config: {
      ...testConfig,
      publicUrl: address,
      http: { ...testConfig.http, startsPerMinute: UNLIMITED },
      access: { adminKeyHash: OPERATOR.hash, requestsPerMinute: UNLIMITED },
    },
  });
  made.job(jobRecord({ state: 'running', step: 'sfm' }), openRun());
  server.on('request', made.app);
  const body = { name: 'fuzzer', scopes: ['read', 'write', 'admin'] };
  const { body: created } = await request(made.app)
    .post('/v1/keys')
    .set(bearer(OPERATOR.secret))
    .send(body)
    .expect(201);
  key = (created as { key: string }).key;
});
afterAll(async () => {
  server.closeAllConnections();
  await promisify(server.close.bind(server))();
  await rm(folder, { recursive: true, force: true });
});

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });

test(
  'whatever the description allows or forbids is answered as it says, and never by an error of the server',
  async () => {
    const program = [
      '-m',
      'schemathesis.cli',
      'run',
      `${address}/v1/openapi.json`,
      '--header',
      `Authorization: Bearer ${key}`,
    ];
    const options = {
      checks: CHECKS.join(','),
      seed: SEED,
      'max-time': SECONDS,
      'max-redirects': 0,
      'exclude-by': '/x-stream == true',
      warnings: 'off',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const run = promisify(execFile)(findCheckout().python, [...program, ...flags], { cwd: folder, maxBuffer: 1 << 26 });
    // It ends by the clock: tests beside it, which end when they are done, go first.
    if (run.child.pid !== undefined) setPriority(run.child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const { stdout } = await run.catch((failed: unknown) => {
      const { stdout, stderr } = failed as { readonly stdout: string; readonly stderr: string };
      throw new Error(`${stdout}\n${stderr}`);
    });
    expect(stdout).toMatch(/Operations: +[1-9]\d+ selected/);
  },
  (SECONDS + 120) * 1000,
);
