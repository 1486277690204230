import { z } from 'zod';
import { LIMIT_RULES, limitMessage, type BudgetLimits } from '../../contracts/job/budget';
import { DEFAULT_RETRY_WINDOW_SECONDS } from '../../contracts/job/policy';
import { parseJobOptions, type JobOptions } from '../../contracts/stages/options';
import { JOB_STATES } from '../../contracts/job/state';
import type { JobRequest } from '../../contracts/job/record';
import { inOneLine, MAX_JOB_NAME_LENGTH } from '../../contracts/job/words';
import {
  MAX_NAME_LENGTH,
  MAX_REASON_LENGTH,
  parseRetry,
  type AcceptRequest,
  type CancelRequest,
  type RetryRequest,
} from '../../contracts/messages/signals';
import { DEFAULT_PRESET, PRESETS } from '../../contracts/stages/presets';
import { parseS3Url } from '../../contracts/storage/s3-url';
import { webhookProblem, type WebhookRules } from '../../contracts/messages/webhook-url';
import type { FieldProblem } from '../../contracts/messages/parsed';
import { plainMessage } from './plain-messages';
import { Problem } from './problem';

const MAX_RETRY_WINDOW_SECONDS = 30 * 24 * 3600;
/** The sender of a message that names none. */
const VIA_API = 'the API';
const MAX_EMAIL_LENGTH = 254; // RFC 5321 4.5.3.1.3

const s3Url = z.string().transform((text, context) => {
  const location = parseS3Url(text);
  if (typeof location !== 'string') return location;
  context.addIssue({ code: 'custom', params: { problem: 'INVALID_S3_URL' }, message: location });
  return z.NEVER;
});

const nameError = `must be one line of 1 to ${MAX_JOB_NAME_LENGTH} characters`;
const name = z
  .string({ error: nameError })
  .trim()
  .min(1, nameError)
  .max(MAX_JOB_NAME_LENGTH, nameError)
  .refine((text) => inOneLine(text) === text, nameError)
  .nullable()
  .default(null);

const options = z.unknown().transform((value, context): JobOptions => {
  const parsed = parseJobOptions(value);
  if (parsed.ok) return parsed.value;
  for (const { field, message } of parsed.problems)
    context.addIssue({ code: 'custom', message, path: field === '' ? [] : [field] });
  return z.NEVER;
});

/** A limit that is left out, or null, does not limit. */
const limit = (name: keyof BudgetLimits) => {
  const { minimum, maximum } = LIMIT_RULES[name];
  const error = limitMessage(name);
  return z.number({ error }).min(minimum, { error }).max(maximum, { error }).nullable().default(null);
};

const webhookUrl = (rules: WebhookRules) =>
  z
    .string()
    .nullable()
    .default(null)
    .superRefine((url, context) => {
      const message = url === null ? null : webhookProblem(url, rules);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });

/** An object of these fields and no others. */
const body = <T extends z.ZodRawShape>(fields: T) => z.strictObject(fields, { error: 'must be an object' });

const startJob = (webhooks: WebhookRules) =>
  body({
    s3Url,
    name,
    email: z.email({ error: 'must be one mail address, such as pilot@example.com' }).max(MAX_EMAIL_LENGTH),
    preset: z.enum(PRESETS).default(DEFAULT_PRESET),
    options: options.optional().transform((value) => value ?? {}),
    retryWindowSeconds: z.number().int().min(0).max(MAX_RETRY_WINDOW_SECONDS).default(DEFAULT_RETRY_WINDOW_SECONDS),
    budgetUsd: limit('budgetUsd'),
    maxHours: limit('maxHours'),
    webhookUrl: webhookUrl(webhooks),
  });

const reason = z.string().trim().max(MAX_REASON_LENGTH).optional();
const by = z.string().trim().max(MAX_NAME_LENGTH).optional();
const cancelJob = body({ reason, by });
const acceptResult = body({ by });
const nothing = body({});

const listJobs = z.strictObject({
  state: z.enum(JOB_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** Jobs that one listener may name; more are heard of by listening to all. */
const MAX_NAMED_JOBS = 50;
const listen = z.strictObject({
  job: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((jobs) => [...new Set([jobs ?? []].flat())])
    .pipe(
      z
        .array(z.string())
        .max(MAX_NAMED_JOBS, `must be given ${MAX_NAMED_JOBS} times at most; leave it out to hear of all jobs`),
    ),
});

/**
 * Reads `POST /start-job` as a request of the pipeline. What it returns throws INVALID_REQUEST, or INVALID_S3_URL
 * where only that is wrong.
 */
export function createStartJobReader(webhooks: WebhookRules): (body: unknown) => Omit<JobRequest, 'tenant'> {
  const schema = startJob(webhooks);
  return (body) => {
    const { s3Url: location, ...rest } = read(schema, body ?? {});
    return { location, ...rest };
  };
}

/** `POST /v1/jobs/:id/cancel`; no body at all is a cancel without a reason. Throws INVALID_REQUEST. */
export function readCancel(body: unknown): CancelRequest {
  const given = read(cancelJob, body ?? {});
  return { reason: given.reason || 'no reason given', by: given.by || VIA_API };
}

/** `POST /v1/jobs/:id/accept`. Throws INVALID_REQUEST. */
export const readAccept = (body: unknown): AcceptRequest => ({ by: read(acceptResult, body ?? {}).by || VIA_API });

/** A request that takes no body. Throws INVALID_REQUEST where there is something in it. */
export const readNothing = (body: unknown): object => read(nothing, body ?? {});

/** `POST /v1/jobs/:id/retry`, by the parser that signals go through too. Throws INVALID_REQUEST. */
export function readRetry(body: unknown): RetryRequest {
  const parsed = parseRetry(body);
  if (parsed.ok) return parsed.value;
  throw invalid(parsed.problems);
}

/** Query of `GET /v1/jobs`. Throws INVALID_REQUEST. */
export const readListJobs = (query: unknown): z.output<typeof listJobs> => read(listJobs, query);

/** Query of `GET /v1/events`. Throws INVALID_REQUEST. */
export const readListen = (query: unknown): z.output<typeof listen> => read(listen, query);

/** The `Idempotency-Key` header, or null. Throws INVALID_REQUEST. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw invalid([{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters without spaces' }]);
}

function read<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value, { error: plainMessage });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const errors = issues.flatMap(fieldErrors);
  if (issues.every((issue) => issue.code === 'custom' && issue.params?.problem === 'INVALID_S3_URL'))
    throw new Problem('INVALID_S3_URL', `s3Url ${issues[0]?.message ?? ''}`, errors);
  throw invalid(errors);
}

const fieldErrors = (issue: z.core.$ZodIssue): FieldProblem[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'is unknown' }))
    : [{ field: issue.path.join('.'), message: issue.message }];

const invalid = (errors: readonly FieldProblem[]): Problem =>
  new Problem('INVALID_REQUEST', `correct what "errors" names (${errors.length}) and send the request again`, errors);
