import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const environment = z.object({
  /** 0 lets the system choose. */
  SPACEPORT_S3_PORT: port.default(0),
  /** Another address than loopback only where a container's network needs it. */
  SPACEPORT_S3_HOST: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),
  SPACEPORT_S3_ROOT: z.string().min(1),
  /** Comma-separated, such as `http://127.0.0.1:3000`. */
  SPACEPORT_S3_CORS_ORIGINS: list,
  /** Comma-separated `host:port` by which the endpoint is also reached. */
  SPACEPORT_S3_ALLOWED_HOSTS: list,
  /** A fault plan: what goes wrong on purpose, in tests. */
  SPACEPORT_S3_FAULTS: z.string().min(1).optional(),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_REGION: z.string().min(1).default('us-east-1'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface S3Config {
  port: number;
  host: string;
  root: string;
  corsOrigins: string[];
  allowedHosts: string[];
  faultsFile: string | undefined;
  credentials: { accessKeyId: string; secretAccessKey: string }[];
  region: string;
  logLevel: string;
}

/** Reads the process environment. Throws an Error that lists every problem, one a line. */
export function readS3Config(variables: NodeJS.ProcessEnv): S3Config {
  const result = environment.safeParse(variables);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The local S3 endpoint cannot start with this environment:\n${problems.join('\n')}`);
  }
  const values = result.data;
  return {
    port: values.SPACEPORT_S3_PORT,
    host: values.SPACEPORT_S3_HOST,
    root: values.SPACEPORT_S3_ROOT,
    corsOrigins: values.SPACEPORT_S3_CORS_ORIGINS,
    allowedHosts: values.SPACEPORT_S3_ALLOWED_HOSTS,
    faultsFile: values.SPACEPORT_S3_FAULTS,
    credentials: [{ accessKeyId: values.AWS_ACCESS_KEY_ID, secretAccessKey: values.AWS_SECRET_ACCESS_KEY }],
    region: values.AWS_REGION,
    logLevel: values.LOG_LEVEL,
  };
}
