import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { quotaFindings, wantedQuotas } from '../../infra/lib/check/quotas';
import { startTemporal } from '../helpers/temporal';
import {
  ACCESS_KEY_ID,
  clientFor,
  removeFolder,
  SECRET_ACCESS_KEY,
  startS3,
  type RunningS3,
} from '../local/s3/harness';

const ROOT = path.resolve(__dirname, '../..');
const ACCOUNT = '111122223333';
const BUCKET = `spaceportdev-us-west-2-${ACCOUNT}`;

/** Answers for the services that local/ does not have, in their own protocols. */
interface Answers {
  sandbox: boolean;
  images: readonly string[];
  quotas: readonly { QuotaName: string; Value: number }[];
}

let answers: Answers;
let aws: Server;
let s3: RunningS3;
let temporal: TestWorkflowEnvironment;
const asked: string[] = [];

beforeAll(async () => {
  aws = createServer((request, response) => {
    void answerOf(request).then(({ status, type, body }) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    );
  }).listen(0, '127.0.0.1');
  [s3, temporal] = await Promise.all([startS3(), startTemporal({ searchAttributes: ['JobState', 'Stage', 'Preset'] })]);
  if (!aws.listening) await once(aws, 'listening');
});
afterAll(async () => {
  aws.close();
  await Promise.all([s3.close(), temporal.teardown()]);
  await removeFolder(s3.root);
});

const json = (value: object, status = 200) => ({ status, type: 'application/json', body: JSON.stringify(value) });

async function answerOf(request: IncomingMessage): Promise<{ status: number; type: string; body: string }> {
  const body = await text(request);
  const target = String(request.headers['x-amz-target'] ?? '');
  const call = target.split('.').at(-1) || /Action=(\w+)/.exec(body)?.[1] || `${request.method} ${request.url}`;
  asked.push(call);
  if (call === 'GetCallerIdentity')
    return {
      status: 200,
      type: 'text/xml',
      body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/ada</Arn><UserId>ada</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    };
  if (call === 'ListServiceQuotas') return json({ Quotas: answers.quotas });
  if (call === 'DescribeImages') {
    const { repositoryName } = JSON.parse(body) as { repositoryName: string };
    return answers.images.includes(repositoryName)
      ? json({ imageDetails: [{ repositoryName }] })
      : json({ __type: 'ImageNotFoundException', message: 'no such image' }, 400);
  }
  if (call.startsWith('GET /v2/email/account'))
    return json({ ProductionAccessEnabled: !answers.sandbox, SendingEnabled: true });
  if (call.startsWith('GET /v2/email/identities/')) return json({ VerifiedForSendingStatus: !answers.sandbox });
  return json({ message: `unknown: ${call}` }, 500);
}

/** What `spaceport deploy check dev` says. */
async function check(): Promise<{ status: number; said: string }> {
  const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
  const child = spawn(
    process.execPath,
    ['-r', path.join(ROOT, 'test/helpers/register-typescript.js'), 'bin/check.ts', 'dev'],
    {
      cwd: path.join(ROOT, 'infra'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: 'default',
      },
    },
  );
  const [said, complaints, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { status: status as number, said: said + complaints };
}

test('a new account is told everything that it lacks, in words', async () => {
  answers = { sandbox: true, images: ['spaceportdev/product'], quotas: [] };
  const { status, said } = await check();
  expect(status).toBe(1);
  expect(said.split('\n').filter((line) => line.startsWith('  --') && !line.includes('quota'))).toEqual([
    `  -- bucket: there is no bucket ${BUCKET}: deploy the stack spaceportdev-us-west-2-foundation`,
    '  -- images: spaceportdev/sfm has no image 0.1.0: build and push it',
    '  -- images: spaceportdev/training has no image 0.1.0: build and push it',
    '  -- images: spaceportdev/compression has no image 0.1.0: build and push it',
    '  -- mail: SES is in its sandbox and mails confirmed addresses only: ask for production access',
    '  -- mail: SES does not yet see the signatures of dev.spaceport.example.com in DNS: wait, or look at the hosted zone',
    '  -- temporal: default lacks the search attributes Tenant, of the kind Keyword',
  ]);
  expect(said).toContain('ml.g4dn.xlarge for training job usage is 0: jobs end with QUOTA_ZERO');
  expect(said).not.toContain('??');
});

test('of a complete one everything but Temporal is fine, and nothing was changed', async () => {
  answers = {
    sandbox: false,
    images: ['product', 'sfm', 'training', 'compression'].map((image) => `spaceportdev/${image}`),
    quotas: wantedQuotas().map(({ name }) => ({ QuotaName: name, Value: 1 })),
  };
  await clientFor(s3.endpoint).send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { said } = await check();
  expect(said.split('\n').filter((line) => /^ {2}(--|\?\?)/.test(line))).toEqual([
    '  -- temporal: default lacks the search attributes Tenant, of the kind Keyword',
  ]);
  expect(said).toContain(`ok bucket: ${BUCKET}`);
  expect(asked.filter((call) => !/^(Get|List|Describe|GET )/.test(call))).toEqual([]);
});

test('a quota that jobs can do without is no reason to wait', () => {
  const only = wantedQuotas().filter(({ isNeeded }) => isNeeded);
  const findings = quotaFindings(only.map(({ name }) => ({ name, value: 2 })));
  expect(findings.every(({ state }) => state === 'fine')).toBe(true);
  expect(findings.map(({ sentence }) => sentence)).toContain(
    'ml.g5.xlarge for training job usage is 0: jobs do without these machines',
  );
});
