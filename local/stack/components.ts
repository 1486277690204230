import { devNull } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../../contracts/job/temporal-names';
import type { Policy } from '../../contracts/job/policy';
import { STAGES } from '../../contracts/stages/stage';
import { imageVariable } from '../../contracts/stages/stages';
import type { Quotas } from '../sagemaker/api/quotas';
import type { Checkout } from './checkout';
import type { ComponentSpec } from './component';
import { IMAGES } from './container-programs';
import type { Credentials } from './credentials';
import { pageOrigins, type Endpoints } from './endpoints';
import type { Ports } from './ports';

/** In the order in which they may start; they end in the reverse one. */
export const COMPONENT_NAMES = ['temporal', 's3', 'mail', 'sagemaker', 'worker', 'server'] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

export const LOCAL_BUCKET = 'spaceport';
export const LOCAL_REGION = 'us-west-2';
const DEPLOYMENT = 'local';
const ROLE_ARN = 'arn:aws:iam::000000000000:role/spaceport-local';

/** A worker of 300 jobs stays under 400 MB with these, at no more CPU (docs/operations.md). */
const WORKER_HEAP = ['--max-semi-space-size=2', '--max-old-space-size=512'];
/** glibc's: an arena for each of Node's and Temporal's threads keeps what it has freed, 70 MB in all with 300 jobs. */
const WORKER_ARENAS = { MALLOC_ARENA_MAX: '2' };

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

/**
 * Variables of the launcher that reach the stack: how others than people at this machine come to it, through a proxy
 * that ends TLS (docs/operations.md), by which server and S3 go together; and the keys of what Temporal stores.
 */
const DECLARED = [
  'SPACEPORT_PUBLIC_URL',
  'SPACEPORT_PUBLIC_S3_ENDPOINT',
  'SPACEPORT_TRUST_PROXY',
  'SPACEPORT_ADMIN_KEY_HASH',
  'SPACEPORT_PAYLOAD_KEYS',
] as const;

/** What the processes of one stack are told. */
export interface StackSettings {
  readonly checkout: Checkout;
  readonly stateFolder: string;
  readonly ports: Ports;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  readonly webhookSecret: string;
  readonly webhookMasterKey: string;
  readonly imagesFile: string;
  readonly policy: Partial<Policy>;
  readonly quotas: Quotas;
  /** Between SIGTERM and SIGKILL to a container when a job is stopped or the stack ends. */
  readonly stopGraceSeconds: number;
  /** What goes wrong on purpose in local/sagemaker. */
  readonly faultsFile?: string | undefined;
  /** The same for local/s3. */
  readonly s3FaultsFile?: string | undefined;
  /** The launcher's own environment; settings of AWS, Temporal and Spaceport in it, but for DECLARED, do not reach the stack. */
  readonly environment: NodeJS.ProcessEnv;
}

/** How each process of the stack is run. */
export function componentSpecs(settings: StackSettings): Record<ComponentName, ComponentSpec> {
  const { checkout, stateFolder, ports, endpoints, stopGraceSeconds } = settings;
  const base = baseEnvironment(settings);
  const product = { ...base, ...productEnvironment(settings) };
  const node = (
    name: ComponentName,
    entry: string,
    env: NodeJS.ProcessEnv,
    stopWithinMs = STOP_WITHIN_MS,
    flags: readonly string[] = [],
  ): ComponentSpec => ({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', ...flags, checkout.entryPoint(entry)],
    cwd: stateFolder,
    env,
    readyWithinMs: READY_WITHIN_MS,
    stopWithinMs,
  });
  return {
    temporal: {
      name: 'temporal',
      command: checkout.temporal,
      args: temporalArguments(settings),
      cwd: stateFolder,
      env: base,
      isReady: () => answersWithSearchAttributes(endpoints.temporal),
      readyWithinMs: READY_WITHIN_MS,
      stopWithinMs: STOP_WITHIN_MS,
    },
    s3: node('s3', 'local/s3/main', {
      ...base,
      SPACEPORT_S3_PORT: String(ports.s3),
      SPACEPORT_S3_ROOT: path.join(stateFolder, 's3'),
      ...publicS3(settings),
      ...(settings.s3FaultsFile === undefined ? {} : { SPACEPORT_S3_FAULTS: settings.s3FaultsFile }),
    }),
    mail: node('mail', 'local/mail/main', {
      ...base,
      SPACEPORT_SMTP_PORT: String(ports.smtp),
      SPACEPORT_MAIL_HTTP_PORT: String(ports.mail),
      SPACEPORT_MAIL_DIR: path.join(stateFolder, 'mail'),
    }),
    sagemaker: node(
      'sagemaker',
      'local/sagemaker/main',
      {
        ...base,
        AWS_ENDPOINT_URL_S3: endpoints.s3,
        SPACEPORT_SAGEMAKER_PORT: String(ports.sagemaker),
        SPACEPORT_SAGEMAKER_ROOT: path.join(stateFolder, 'sagemaker'),
        SPACEPORT_IMAGES_FILE: settings.imagesFile,
        SPACEPORT_SAGEMAKER_QUOTAS: JSON.stringify(settings.quotas),
        SPACEPORT_STOP_GRACE_SECONDS: String(stopGraceSeconds),
        ...(settings.faultsFile === undefined ? {} : { SPACEPORT_SAGEMAKER_FAULTS: settings.faultsFile }),
      },
      stopGraceSeconds * 1000 + STOP_WITHIN_MS,
    ),
    worker: node('worker', 'workers/main', { ...product, ...WORKER_ARENAS }, STOP_WITHIN_MS, WORKER_HEAP),
    server: node('server', 'server/main', {
      ...product,
      SPACEPORT_DATABASE_FILE: path.join(stateFolder, 'spaceport.sqlite'),
    }),
  };
}

/** The launcher's environment without what would lead a process past the stack, and with its credentials. */
function baseEnvironment({ environment, credentials, checkout }: StackSettings): NodeJS.ProcessEnv {
  const ours = /^(AWS_|SPACEPORT_|TEMPORAL_|DATABASE_URL$|LOG_LEVEL$|NODE_OPTIONS$)|_proxy$/i;
  const kept = Object.entries(environment).filter(([name]) => !ours.test(name));
  return {
    ...Object.fromEntries(kept),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: LOCAL_REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    // Processes start in half the time once their code has been compiled.
    NODE_COMPILE_CACHE: checkout.compileCacheFolder,
  };
}

/** What the launcher declares; an empty value is none. */
const declared = ({
  environment,
}: Pick<StackSettings, 'environment'>): Partial<Record<(typeof DECLARED)[number], string>> =>
  Object.fromEntries(DECLARED.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));

/** Whose pages may use the local S3, and under which name it is reached. */
function publicS3(settings: StackSettings): NodeJS.ProcessEnv {
  const { SPACEPORT_PUBLIC_URL: url, SPACEPORT_PUBLIC_S3_ENDPOINT } = declared(settings);
  const origins = [...pageOrigins(settings.endpoints), ...(url === undefined ? [] : [url])];
  return { SPACEPORT_S3_CORS_ORIGINS: origins.join(','), SPACEPORT_PUBLIC_S3_ENDPOINT };
}

/** What platform/config.ts reads. */
function productEnvironment(settings: StackSettings): NodeJS.ProcessEnv {
  const { ports, endpoints, policy, webhookSecret, webhookMasterKey } = settings;
  const others = declared(settings);
  return {
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SAGEMAKER: endpoints.sagemaker,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoints.sagemaker,
    SPACEPORT_DEPLOYMENT: DEPLOYMENT,
    SPACEPORT_BUCKET: LOCAL_BUCKET,
    SPACEPORT_ROLE_ARN: ROLE_ARN,
    ...Object.fromEntries(STAGES.map((stage) => [imageVariable(stage), IMAGES[stage]])),
    SPACEPORT_MAIL_URL: endpoints.smtp,
    SPACEPORT_MAIL_FROM: 'spaceport@example.com',
    SPACEPORT_WEBHOOK_SECRET: webhookSecret,
    SPACEPORT_WEBHOOK_MASTER_KEY: webhookMasterKey,
    // The receiver of webhooks that are tried on one machine is on that machine too.
    SPACEPORT_WEBHOOK_HOSTS: '127.0.0.1,localhost',
    SPACEPORT_PUBLIC_URL: endpoints.server,
    // Of a server for others it is declared too, or the server says that it is missing.
    ...(others.SPACEPORT_PUBLIC_URL === undefined && { SPACEPORT_PUBLIC_S3_ENDPOINT: endpoints.s3 }),
    ...others,
    SPACEPORT_TEMPORAL_UI_URL: endpoints.temporalUi,
    SPACEPORT_HOST: '127.0.0.1',
    SPACEPORT_PORT: String(ports.server),
    SPACEPORT_SERVER_METRICS: `127.0.0.1:${ports.serverMetrics}`,
    SPACEPORT_WORKER_METRICS: `127.0.0.1:${ports.workerMetrics}`,
    SPACEPORT_POLICY: JSON.stringify(policy),
    TEMPORAL_ADDRESS: endpoints.temporal,
    TEMPORAL_NAMESPACE: 'default',
  };
}

function temporalArguments(settings: StackSettings): string[] {
  const { stateFolder, ports, endpoints } = settings;
  const isEncrypted = declared(settings).SPACEPORT_PAYLOAD_KEYS !== undefined;
  const options = {
    '--ip': ['127.0.0.1'],
    '--port': [String(ports.temporal)],
    '--ui-port': [String(ports.temporalUi)],
    '--db-filename': [path.join(stateFolder, 'temporal.db')],
    // A write-ahead log survives a killed server, and saves most of the waiting for the disk.
    '--sqlite-pragma': ['journal_mode=WAL', 'synchronous=NORMAL'],
    '--dynamic-config-value': [
      // One partition a task queue: with four, a lone worker polls some of them less often.
      'matching.numTaskqueueReadPartitions=1',
      'matching.numTaskqueueWritePartitions=1',
      // Priorities of tasks: the matcher that knows them is the default from server 1.31 on.
      'matching.useNewMatcher=true',
    ],
    '--log-level': ['error'],
    // The Web UI asks the server to make payloads readable.
    '--ui-codec-endpoint': isEncrypted ? [`${endpoints.server}/codec`] : [],
  };
  return [
    'server',
    'start-dev',
    ...Object.entries(options).flatMap(([name, values]) => values.flatMap((value) => [name, value])),
  ];
}

/**
 * Whether Temporal's frontend answers, with the default namespace in place. Registers the search attributes that the
 * namespace lacks: the development server's own option for them does nothing to a database that exists already.
 */
async function answersWithSearchAttributes(address: string): Promise<boolean> {
  const namespace = 'default';
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    try {
      await connection.withDeadline(Date.now() + 2000, async () => {
        await connection.workflowService.describeNamespace({ namespace });
        const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
        const missing = Object.values(SEARCH_ATTRIBUTE).filter((name) => !(name in customAttributes));
        if (missing.length === 0) return;
        const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
        await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
      });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
