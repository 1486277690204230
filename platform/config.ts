import { z } from 'zod';
import type { WebhookRules } from '../contracts/messages/webhook-url';
import { DEFAULT_POLICY, type Policy } from '../contracts/job/policy';
import { DEPLOYMENT_PATTERN } from '../contracts/machines/names';
import type { Retention } from '../contracts/storage/retention';
import { byStage, STAGES, type Stage } from '../contracts/stages/stage';
import { imageVariable } from '../contracts/stages/stages';
import { problemsOf } from '../contracts/messages/parsed';
import { databaseUrlProblem } from './addresses/database-url';
import { parseMailUrl } from './addresses/mail-url';
import { webUrlProblem } from './addresses/web-url';
import { parseKeyRing, type KeyRing } from './payloads/key-ring';

/** Where the server keeps keys, tenants and its index of jobs. Workers need no database. */
export type DatabaseLocation =
  /** A secret: it holds a password. */
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Certificates, in PEM, that the server's own is checked against; not set = those that Node knows, where asked for. */
      readonly ca?: string;
    }
  /** SQLite, in Node itself. `file` may be relative to the working folder. */
  | { readonly kind: 'sqlite'; readonly file: string };

/** Where spans are sent to. */
export interface OtlpEndpoint {
  /** Base address of a receiver that takes OTLP over HTTP, without a slash at the end; `/v1/traces` is added. */
  readonly url: string;
  /** Sent with each request, such as a key of the receiver. Secrets. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What the server and the workers are told by their environment. Nothing else reads `process.env`. */
export interface Config {
  /** Prefix of machine jobs, tags and task queues: tells this deployment from others in the account. */
  readonly deployment: string;
  readonly region: string;
  /** Where jobs, results and uploads lie. */
  readonly bucket: string;
  /** Buckets that photos may come from; always holds `bucket`. */
  readonly inputBuckets: readonly string[];
  /** Role that SageMaker's machines take. */
  readonly roleArn: string;
  /** Key that machines encrypt their results and disks with; null = the bucket's own, and SageMaker's for disks. */
  readonly kmsKeyArn: string | null;
  readonly images: Readonly<Record<Stage, string>>;
  /** Whether machines are rented at AWS; else they are this one, by the SageMaker endpoint that is set. */
  readonly rentsMachines: boolean;
  /** `smtp://host:port` or `smtps://user:password@host`; Amazon SES is reached through its SMTP interface. A secret. */
  readonly mailUrl: string;
  readonly mailFrom: string;
  readonly webhooks: WebhookRules & {
    /** That the secrets of tenants' endpoints derive from; null = there are no endpoints. */
    readonly masterKey: string | null;
  };
  /** Base of links for people, without a slash at the end. */
  readonly publicUrl: string;
  /** S3 endpoint that the SDK is pointed to instead of AWS's; its buckets are in the path. */
  readonly s3Endpoint: string | null;
  /** S3 endpoint as browsers reach it, where it differs from the one that the server uses. */
  readonly publicS3Endpoint: string | null;
  /** Tiles below the paths of flights; without a style maps have a plain ground. */
  readonly map: {
    /** Of a MapLibre style, which browsers load. */
    readonly styleUrl: string | null;
    /** Where the style and what it names come from: pages may ask these hosts, and no other. */
    readonly origins: readonly string[];
  };
  /** Base of Temporal's Web UI, for links; null where there is none. */
  readonly temporalUiUrl: string | null;
  readonly temporalAddress: string;
  /** The same as people reach it, for the commands in mails. */
  readonly publicTemporalAddress: string;
  readonly temporalNamespace: string;
  /** That encrypt what Temporal stores: payloads, and messages of failures. Null = they are stored in plain text. */
  readonly payloadKeys: KeyRing | null;
  /**
   * Names the version of the workers, by which Temporal keeps runs apart (workers/versioning.ts); null = all workers are
   * one.
   */
  readonly buildId: string | null;
  readonly database: DatabaseLocation;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Proxies in front of the server whose X-Forwarded-For is believed: the caller is that many hops away. */
    readonly trustedProxies: number;
    /** Starts that one address may ask for in a minute. */
    readonly startsPerMinute: number;
  };
  readonly metrics: {
    /** Addresses at which server and workers tell their metrics to Prometheus; null where they do not. */
    readonly server: ListenAddress | null;
    readonly worker: ListenAddress | null;
    /** Of CloudWatch, for which one of the servers writes lines on stdout; null = none does. */
    readonly cloudWatchNamespace: string | null;
  };
  /** Group of CloudWatch's logs in which SES's events stand; null = nobody looks for mails that came back. */
  readonly mailEventsLogGroup: string | null;
  /** Where spans of traces are sent to; null = nothing is traced. */
  readonly tracing: OtlpEndpoint | null;
  readonly access: {
    /** SHA-256 of the operator's key, in hexadecimal; null = there is none. */
    readonly adminKeyHash: string | null;
    /** Requests that one key may make in a minute. */
    readonly requestsPerMinute: number;
  };
  readonly policy: Policy;
  /** How long files of ended jobs are kept. */
  readonly retention: Retention;
  /** Machine jobs that one worker watches at once. */
  readonly maxWatchedJobs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** An http address. What is wrong with it is said without repeating it: somebody may have put a password there. */
const url = z
  .string()
  .superRefine((text, context) => {
    const message = webUrlProblem(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .transform((text) => text.trim().replace(/\/+$/, ''));
const mailUrl = z.string().superRefine((text, context) => {
  for (const { message } of problemsOf(parseMailUrl(text))) context.addIssue({ code: 'custom', message });
});
const databaseUrl = z.string().superRefine((text, context) => {
  const message = text === '' ? null : databaseUrlProblem(text);
  if (message !== null) context.addIssue({ code: 'custom', message });
});
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean),
);
const HOST_PATTERN = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;
/** The same, with the underscores that names in a network of containers may have. */
const TEMPORAL_ADDRESS_PATTERN = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;
const temporalAddress = z.string().regex(TEMPORAL_ADDRESS_PATTERN, 'must be host:port, without http:// in front');
/** An address to listen at, such as `0.0.0.0:9464`; none where the text is empty. */
const listenAddress = z
  .string()
  .regex(/^$|^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):\d{1,5}$/i, 'must be host:port, such as 127.0.0.1:9464')
  .default('')
  .transform((text): ListenAddress | null => {
    const colon = text.lastIndexOf(':');
    return text === ''
      ? null
      : { host: text.slice(0, colon).replace(/[[\]]/g, ''), port: Number(text.slice(colon + 1)) };
  });
const payloadKeys = z
  .string()
  .default('')
  .transform((text, context) => {
    const ring = parseKeyRing(text);
    if (typeof ring !== 'string') return ring;
    context.addIssue({ code: 'custom', message: ring });
    return z.NEVER;
  });
/** `name=value` pairs, separated by commas, values percent-encoded: as OpenTelemetry has them. */
const otlpHeaders = list
  .pipe(z.array(z.string().regex(/^[\w-]+\s*=(?:[^%]|%[0-9a-f]{2})*$/i, 'must be name=value pairs, comma separated')))
  .default([])
  .transform((pairs) =>
    Object.fromEntries(
      pairs.map((pair) => {
        const equals = pair.indexOf('=');
        return [pair.slice(0, equals).trim(), decodeURIComponent(pair.slice(equals + 1).trim())];
      }),
    ),
  );
const policyOverrides = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.partialRecord(z.enum(Object.keys(DEFAULT_POLICY) as [keyof Policy, ...(keyof Policy)[]]), z.number().positive()),
  );

const environment = z.object({
  SPACEPORT_DEPLOYMENT: z
    .string()
    .regex(DEPLOYMENT_PATTERN, 'must be up to 20 lower-case letters and digits, a letter first'),
  AWS_REGION: z.string().min(1).default('us-west-2'),
  AWS_ENDPOINT_URL_S3: url.optional(),
  // Read by the SDK itself: here they are only looked at.
  AWS_ENDPOINT_URL: url.optional(),
  AWS_ENDPOINT_URL_SAGEMAKER: url.optional(),
  AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: url.optional(),
  SPACEPORT_BUCKET: z.string().min(3, 'must be the name of a bucket'),
  SPACEPORT_INPUT_BUCKETS: list.default([]),
  SPACEPORT_ROLE_ARN: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'must be like arn:aws:iam::123456789012:role/spaceport'),
  SPACEPORT_KMS_KEY_ARN: z
    .string()
    .regex(
      /^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/,
      'must be like arn:aws:kms:us-west-2:123456789012:key/...',
    )
    .default(''),
  ...(Object.fromEntries(
    STAGES.map((stage) => [imageVariable(stage), z.string().min(1, 'must be the address of an image')]),
  ) as {
    [S in Stage as ReturnType<typeof imageVariable<S>>]: z.ZodString;
  }),
  SPACEPORT_MAIL_URL: mailUrl,
  SPACEPORT_MAIL_FROM: z.email({
    error: ({ input }) => (input === undefined ? undefined : 'must be one mail address, such as spaceport@example.com'),
  }),
  SPACEPORT_WEBHOOK_SECRET: z
    .string()
    .refine((secret) => secret === '' || secret.length >= 32, 'must have at least 32 characters')
    .default(''),
  SPACEPORT_WEBHOOK_MASTER_KEY: z
    .string()
    .refine((key) => key === '' || key.length >= 32, 'must have at least 32 characters')
    .default(''),
  SPACEPORT_WEBHOOK_HOSTS: list
    .pipe(z.array(z.string().regex(HOST_PATTERN, 'must be host or host:port, comma separated')))
    .default([]),
  SPACEPORT_PUBLIC_URL: url,
  SPACEPORT_PUBLIC_S3_ENDPOINT: url.optional(),
  SPACEPORT_MAP_STYLE_URL: url.optional(),
  SPACEPORT_MAP_ORIGINS: list.pipe(z.array(url)).default([]),
  SPACEPORT_TEMPORAL_UI_URL: url.optional(),
  TEMPORAL_ADDRESS: temporalAddress.default('127.0.0.1:7233'),
  SPACEPORT_PUBLIC_TEMPORAL_ADDRESS: temporalAddress.optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  SPACEPORT_PAYLOAD_KEYS: payloadKeys,
  SPACEPORT_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$|^$/, 'must be up to 128 letters, digits, dots, dashes and underscores')
    .default(''),
  DATABASE_URL: databaseUrl.default(''),
  DATABASE_CA: z
    .string()
    .regex(/^\s*$|-----BEGIN CERTIFICATE-----/, 'must be certificates in PEM')
    .default(''),
  SPACEPORT_DATABASE_FILE: z.string().min(1, 'must be the path of a file').default('.spaceport/spaceport.sqlite'),
  SPACEPORT_HOST: z.string().default('127.0.0.1'),
  SPACEPORT_PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  SPACEPORT_TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0),
  SPACEPORT_SERVER_METRICS: listenAddress,
  SPACEPORT_WORKER_METRICS: listenAddress,
  SPACEPORT_MAIL_EVENTS_LOG_GROUP: z
    .string()
    .regex(/^[\w.\-/#]{0,512}$/, 'must be the name of a group of CloudWatch’s logs')
    .default(''),
  SPACEPORT_METRICS_NAMESPACE: z
    .string()
    .regex(
      /^$|^(?!:|AWS\/)[\w.\-/#:]{1,255}$/,
      'must be a namespace of CloudWatch: letters, digits and .-_/#:, and none of AWS’s own',
    )
    .default(''),
  // OpenTelemetry's own names.
  OTEL_EXPORTER_OTLP_ENDPOINT: z.union([z.literal(''), url]).default(''),
  OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders,
  SPACEPORT_STARTS_PER_MINUTE: z.coerce.number().int().positive().default(600),
  SPACEPORT_ADMIN_KEY_HASH: z
    .string()
    .regex(/^([0-9a-f]{64})?$/i, 'must be a SHA-256 in hexadecimal, as docker/make-env.sh writes it')
    .default(''),
  SPACEPORT_REQUESTS_PER_MINUTE: z.coerce.number().int().positive().default(1200),
  SPACEPORT_POLICY: policyOverrides.optional(),
  SPACEPORT_RETAIN_INTERMEDIATES_DAYS: z.coerce.number().min(0).default(14),
  SPACEPORT_RETAIN_RESULTS_DAYS: z.coerce.number().min(0).default(0),
  SPACEPORT_MAX_WATCHED_JOBS: z.coerce.number().int().positive().default(300),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** Endpoints of AWS may be set too, such as those of a VPC (`vpce-….sagemaker.us-west-2.vpce.amazonaws.com`). */
const isAtAws = (endpoint: string | null): boolean =>
  endpoint === null || /\.amazonaws\.com(\.cn)?$/i.test(new URL(endpoint).hostname);

const originOf = (address: string): string => new URL(address).origin;

/** A process cannot run with its environment or what that names; `message` says why, a line a problem. */
export class ConfigError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

function checked<T>(schema: z.ZodType<T>, env: Environment): T {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const isMissing = path.length === 1 && env[String(path[0])] === undefined;
    return `  ${path.join('.')}: ${isMissing ? 'is not set' : message}`;
  });
  throw new ConfigError(`the environment is not complete:\n${problems.join('\n')}`);
}

/** What a program has to know to speak with Temporal. */
export type TemporalConfig = Pick<Config, 'temporalAddress' | 'temporalNamespace' | 'payloadKeys'>;

const temporalEnvironment = environment.pick({
  TEMPORAL_ADDRESS: true,
  TEMPORAL_NAMESPACE: true,
  SPACEPORT_PAYLOAD_KEYS: true,
});

const temporalConfig = (e: z.output<typeof temporalEnvironment>): TemporalConfig => ({
  temporalAddress: e.TEMPORAL_ADDRESS,
  temporalNamespace: e.TEMPORAL_NAMESPACE,
  payloadKeys: e.SPACEPORT_PAYLOAD_KEYS,
});

/** The same of a program that does nothing else. Throws ConfigError that names every problem at once. */
export const readTemporalConfig = (env: Environment): TemporalConfig =>
  temporalConfig(checked(temporalEnvironment, env));

/** Reads and checks the whole configuration. Throws ConfigError that names every problem at once. */
export function readConfig(env: Environment): Config {
  const e = checked(environment, env);
  return {
    ...temporalConfig(e),
    deployment: e.SPACEPORT_DEPLOYMENT,
    region: e.AWS_REGION,
    bucket: e.SPACEPORT_BUCKET,
    inputBuckets: [...new Set([e.SPACEPORT_BUCKET, ...e.SPACEPORT_INPUT_BUCKETS])],
    roleArn: e.SPACEPORT_ROLE_ARN,
    kmsKeyArn: e.SPACEPORT_KMS_KEY_ARN || null,
    images: byStage((stage) => e[imageVariable(stage)]),
    rentsMachines: isAtAws(e.AWS_ENDPOINT_URL_SAGEMAKER ?? e.AWS_ENDPOINT_URL ?? null),
    mailUrl: e.SPACEPORT_MAIL_URL,
    mailFrom: e.SPACEPORT_MAIL_FROM,
    webhooks: {
      secret: e.SPACEPORT_WEBHOOK_SECRET || null,
      masterKey: e.SPACEPORT_WEBHOOK_MASTER_KEY || null,
      hosts: e.SPACEPORT_WEBHOOK_HOSTS.map((host) => host.toLowerCase()),
    },
    publicUrl: e.SPACEPORT_PUBLIC_URL,
    s3Endpoint: e.AWS_ENDPOINT_URL_S3 ?? null,
    publicS3Endpoint: e.SPACEPORT_PUBLIC_S3_ENDPOINT ?? null,
    map: {
      styleUrl: e.SPACEPORT_MAP_STYLE_URL ?? null,
      origins: [...new Set([e.SPACEPORT_MAP_STYLE_URL ?? [], e.SPACEPORT_MAP_ORIGINS].flat().map(originOf))],
    },
    temporalUiUrl: e.SPACEPORT_TEMPORAL_UI_URL ?? null,
    publicTemporalAddress: e.SPACEPORT_PUBLIC_TEMPORAL_ADDRESS ?? e.TEMPORAL_ADDRESS,
    buildId: e.SPACEPORT_BUILD_ID || null,
    database:
      e.DATABASE_URL === ''
        ? { kind: 'sqlite', file: e.SPACEPORT_DATABASE_FILE }
        : {
            kind: 'postgres',
            url: e.DATABASE_URL.trim(),
            ...(e.DATABASE_CA.trim() !== '' && { ca: e.DATABASE_CA }),
          },
    http: {
      host: e.SPACEPORT_HOST,
      port: e.SPACEPORT_PORT,
      trustedProxies: e.SPACEPORT_TRUST_PROXY,
      startsPerMinute: e.SPACEPORT_STARTS_PER_MINUTE,
    },
    metrics: {
      server: e.SPACEPORT_SERVER_METRICS,
      worker: e.SPACEPORT_WORKER_METRICS,
      cloudWatchNamespace: e.SPACEPORT_METRICS_NAMESPACE || null,
    },
    mailEventsLogGroup: e.SPACEPORT_MAIL_EVENTS_LOG_GROUP || null,
    tracing:
      e.OTEL_EXPORTER_OTLP_ENDPOINT === ''
        ? null
        : { url: e.OTEL_EXPORTER_OTLP_ENDPOINT, headers: e.OTEL_EXPORTER_OTLP_HEADERS },
    access: {
      adminKeyHash: e.SPACEPORT_ADMIN_KEY_HASH.toLowerCase() || null,
      requestsPerMinute: e.SPACEPORT_REQUESTS_PER_MINUTE,
    },
    policy: { ...DEFAULT_POLICY, ...e.SPACEPORT_POLICY },
    retention: {
      intermediatesDays: e.SPACEPORT_RETAIN_INTERMEDIATES_DAYS,
      resultsDays: e.SPACEPORT_RETAIN_RESULTS_DAYS,
    },
    maxWatchedJobs: e.SPACEPORT_MAX_WATCHED_JOBS,
    logLevel: e.LOG_LEVEL,
  };
}
