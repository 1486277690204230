import path from 'node:path';
import { z } from 'zod';

const instanceCounts = z.record(z.string(), z.int().nonnegative());
const quotas = z.strictObject({ processing: instanceCounts.optional(), training: instanceCounts.optional() });
const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');

const environmentSchema = z
  .object({
    /** 0 takes any free port; the line printed when ready says which. */
    SPACEPORT_SAGEMAKER_PORT: z.coerce.number().int().min(0).max(65_535),
    /** Another address than loopback only where a container's network needs it. */
    SPACEPORT_SAGEMAKER_HOST: z.string().min(1).default('127.0.0.1'),
    /** Where jobs are kept. */
    SPACEPORT_SAGEMAKER_ROOT: z
      .string()
      .min(1)
      .transform((folder) => path.resolve(folder)),
    SPACEPORT_SAGEMAKER_RUNNER: z.enum(['process', 'docker']).default('process'),
    /** The image manifest; needed by the process runner. */
    SPACEPORT_IMAGES_FILE: z.string().min(1).optional(),
    SPACEPORT_SAGEMAKER_QUOTAS: z
      .string()
      .default('{}')
      .transform((text, context) => {
        try {
          const parsed = quotas.safeParse(JSON.parse(text));
          if (parsed.success) return parsed.data;
          context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) });
        } catch {
          context.addIssue({ code: 'custom', message: 'is not JSON' });
        }
        return z.NEVER;
      }),
    /** A fault plan: failures that tests cause on purpose. */
    SPACEPORT_SAGEMAKER_FAULTS: z.string().min(1).optional(),
    SPACEPORT_STOP_GRACE_SECONDS: z.coerce.number().nonnegative().default(120),
    SPACEPORT_SYNC_INTERVAL_SECONDS: z.coerce.number().positive().default(3),
    /** 1 leaves the folder trees of ended jobs in place. */
    SPACEPORT_KEEP_JOB_TREES: flag,
    AWS_ACCESS_KEY_ID: z.string().min(1),
    AWS_SECRET_ACCESS_KEY: z.string().min(1),
    AWS_REGION: z.string().min(1).default('us-east-1'),
    AWS_ENDPOINT_URL_S3: z.url(),
  })
  .transform(({ SPACEPORT_SAGEMAKER_RUNNER: kind, SPACEPORT_IMAGES_FILE: imagesFile, ...env }, context) => {
    if (kind === 'docker') return { ...env, runner: { kind } };
    if (imagesFile !== undefined) return { ...env, runner: { kind, imagesFile } };
    context.addIssue({
      code: 'custom',
      path: ['SPACEPORT_IMAGES_FILE'],
      message: 'is needed by the process runner',
    });
    return z.NEVER;
  });

type SageMakerConfig = z.infer<typeof environmentSchema>;

/** Validates the environment. Throws one error that lists every problem. */
export function readConfig(environment: NodeJS.ProcessEnv): SageMakerConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success)
    throw new Error(`The environment of the local SageMaker endpoint is not usable:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Variables that programs need from this machine's environment; none holds a secret. */
const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SSL_CERT_FILE', 'DOCKER_HOST'],
  // An empty value hides this machine's graphics cards from training.
  'CUDA_VISIBLE_DEVICES',
];

export function inheritedEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
