import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535).default(0);

const environment = z.object({
  /** 0 lets the system choose. */
  SPACEPORT_SMTP_PORT: port,
  SPACEPORT_MAIL_HTTP_PORT: port,
  SPACEPORT_MAIL_DIR: z.string().min(1),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface MailConfig {
  ports: { smtp: number; http: number };
  dir: string;
  logLevel: string;
}

/** Reads the process environment. Throws an Error that lists every problem, one a line. */
export function readMailConfig(variables: NodeJS.ProcessEnv): MailConfig {
  const result = environment.safeParse(variables);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The mail sink cannot start with this environment:\n${problems.join('\n')}`);
  }
  const values = result.data;
  return {
    ports: { smtp: values.SPACEPORT_SMTP_PORT, http: values.SPACEPORT_MAIL_HTTP_PORT },
    dir: values.SPACEPORT_MAIL_DIR,
    logLevel: values.LOG_LEVEL,
  };
}
