import { z } from 'zod';
import { LIMIT_RULES, limitMessage, type BudgetLimits } from '../../contracts/job/budget';
import { DEFAULT_RETRY_WINDOW_SECONDS } from '../../contracts/job/policy';
import { CAPACITIES, DEFAULT_CAPACITY } from '../../contracts/machines/capacity';
import { JOB_STATES } from '../../contracts/job/state';
import { isOneLine, MAX_JOB_NAME_LENGTH } from '../../contracts/job/words';
import { NAME_RULE, parseStartAt, PRIORITY } from '../../contracts/messages/settings';
import { MAX_NAME_LENGTH, MAX_REASON_LENGTH, parseRetry } from '../../contracts/messages/signals';
import { webhookProblem, type WebhookRules } from '../../contracts/messages/webhook-url';
import { OPTION_RULES, parseJobOptions } from '../../contracts/stages/options';
import { DEFAULT_PRESET, PRESETS } from '../../contracts/stages/presets';
import { STAGES } from '../../contracts/stages/stage';
import { parseS3Url } from '../../contracts/storage/s3-url';
import { pageFields, parsedBy, strictBody } from '../http/request-schemas';
import { isOneMailAddress } from './mail-address';
import type { StartRequest } from './input-access';

const MAX_RETRY_WINDOW_SECONDS = 30 * 24 * 3600;
/** The sender of a message that names none. */
const VIA_API = 'the API';

/** An address of photos in S3; INVALID_S3_URL where it is none. */
export const s3UrlSchema = z
  .string()
  .meta({ description: '`s3://bucket/folder/` or `s3://bucket/photos.zip`', examples: ['s3://photos/my-flight/'] })
  .transform((text, context) => {
    const location = parseS3Url(text);
    if (typeof location !== 'string') return location;
    context.addIssue({ code: 'custom', params: { problem: 'INVALID_S3_URL' }, message: location });
    return z.NEVER;
  });

const ADDRESS_RULE = 'must be one mail address, such as pilot@example.com';
export const emailSchema = z
  .string({ error: ADDRESS_RULE })
  .refine(isOneMailAddress, ADDRESS_RULE)
  .meta({ examples: ['pilot@example.com'] });

export const jobNameSchema = z
  .string({ error: NAME_RULE })
  .trim()
  .min(1, NAME_RULE)
  .max(MAX_JOB_NAME_LENGTH, NAME_RULE)
  .refine(isOneLine, NAME_RULE);

export const jobOptionsSchema = parsedBy(parseJobOptions, {
  type: ['object', 'null'],
  description: 'Settings of the preset that a job may change',
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(OPTION_RULES).map(([name, { whole, minimum, maximum, meaning }]) => [
      name,
      { type: whole ? 'integer' : 'number', minimum, maximum, description: meaning },
    ]),
  ),
}).optional();

/** A limit that is left out, or null, does not limit. */
const limit = (name: keyof BudgetLimits) => {
  const { minimum, maximum } = LIMIT_RULES[name];
  const error = limitMessage(name);
  return z.number({ error }).min(minimum, { error }).max(maximum, { error }).nullable().default(null);
};

const startAt = parsedBy(parseStartAt, {
  type: ['string', 'null'],
  format: 'date-time',
  description: 'Accepted now, and begun then: at most a year ahead. A time that is over means at once',
});

const webhookUrl = (rules: WebhookRules) =>
  z
    .string()
    .meta({ description: 'Where events of the job are posted to' })
    .nullable()
    .superRefine((url, context) => {
      const message = url === null ? null : webhookProblem(url, rules);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });

/** Whether a check of several fields may look at an object that has other problems: not where this field has one. */
const isWithoutIssueAt =
  (field: string) =>
  ({ value, issues }: z.core.ParsePayload): boolean =>
    typeof value === 'object' && value !== null && !issues.some(({ path }) => path === undefined || path[0] === field);

const FIELDS = {
  s3Url: s3UrlSchema.optional(),
  uploadId: z
    .string()
    .optional()
    .describe('An upload, in place of `s3Url`; it is completed where all of its files have arrived'),
  name: jobNameSchema.nullable().default(null),
  email: emailSchema.describe('Who is told of the end'),
  preset: z.enum(PRESETS).default(DEFAULT_PRESET),
  options: jobOptionsSchema.transform((value) => value ?? {}),
  retryWindowSeconds: z
    .number()
    .int()
    .min(0)
    .max(MAX_RETRY_WINDOW_SECONDS)
    .default(DEFAULT_RETRY_WINDOW_SECONDS)
    .describe('How long a failed job waits for a retry; 0 = it ends at once'),
  budgetUsd: limit('budgetUsd').describe('Most that all machines of the job may cost together'),
  maxHours: limit('maxHours').describe('Most hours that machines may be billed for'),
  capacity: z
    .enum(CAPACITIES)
    .default(DEFAULT_CAPACITY)
    .describe(
      'How the machine of training is rented: `spot` costs a part of the price, waits for spare machines, and goes on from its checkpoint where one is taken away',
    ),
  priority: z
    .int()
    .min(PRIORITY.first)
    .max(PRIORITY.last)
    .default(PRIORITY.default)
    .describe('Whose work is taken first while several jobs wait for the same workers: 1 before 5'),
  startAt: startAt.default(null),
};

/** What a job is asked for with; each field but `email` has its default, or may be left out. */
export const startFields = (
  webhooks: WebhookRules,
): typeof FIELDS & { readonly webhookUrl: z.ZodDefault<z.ZodNullable<z.ZodString>> } => ({
  ...FIELDS,
  webhookUrl: webhookUrl(webhooks).default(null),
});

interface Place {
  readonly s3Url?: unknown;
  readonly uploadId?: unknown;
}

/** Checks of a job's fields that its photos are at one place. */
export const HAS_PLACE = [
  ({ s3Url, uploadId }: Place) => s3Url !== undefined || uploadId !== undefined,
  { path: ['s3Url'], error: 'is needed, or the uploadId of an upload', when: isWithoutIssueAt('s3Url') },
] satisfies Check;
export const HAS_ONE_PLACE = [
  ({ s3Url, uploadId }: Place) => s3Url === undefined || uploadId === undefined,
  {
    path: ['uploadId'],
    error: 'must not stand beside s3Url: a job has one of them',
    when: isWithoutIssueAt('s3Url'),
  },
] satisfies Check;
type Check = [(fields: Place) => boolean, z.core.$ZodCustomParams];

/** The body that starts a job, read as a request of the pipeline; INVALID_S3_URL where only the address is wrong. */
export const startJobSchema = (webhooks: WebhookRules): z.ZodType<StartRequest> =>
  strictBody(startFields(webhooks))
    .refine(...HAS_PLACE)
    .refine(...HAS_ONE_PLACE)
    .transform(({ s3Url: location, uploadId = '', startAt: startAtMs, ...rest }) =>
      location === undefined ? { uploadId, ...rest, startAtMs } : { location, ...rest, startAtMs },
    );

const reason = z.string().trim().max(MAX_REASON_LENGTH).optional();
const by = z.string().trim().max(MAX_NAME_LENGTH).optional().describe('Who says it, in words for people');
const sender = (given: string | undefined): string => given || VIA_API;

export const CANCEL = strictBody({ reason, by }).transform((given) => ({
  reason: given.reason || 'no reason given',
  by: sender(given.by),
}));

export const ACCEPT = strictBody({ by }).transform((given) => ({ by: sender(given.by) }));

/** By the parser that signals go through too. */
export const RETRY = parsedBy(parseRetry, {
  type: 'object',
  additionalProperties: false,
  properties: {
    fromStage: { enum: [...STAGES, null], description: 'The failed stage where it is not given' },
    options: { type: ['object', 'null'] },
    budgetUsd: { type: 'number' },
    maxHours: { type: 'number' },
    capacity: { enum: [...CAPACITIES, null] },
  },
});

/** One of these values, or several under the same name. */
const several = <T extends string>(known: readonly T[]) =>
  parsedBy<readonly T[]>(
    (given) => {
      const values = given === undefined ? [] : [given].flat();
      return values.every((value): value is T => known.includes(value as T))
        ? { ok: true, value: [...new Set(values)] }
        : { ok: false, problems: [{ field: '', message: `must be one of ${known.join(', ')}` }] };
    },
    { type: 'array', items: { enum: known }, description: 'One, or several under the same name' },
  ).optional();

const time = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-11-26T12:00:00Z' })
  .transform((text) => Date.parse(text))
  .optional();

export const LIST_QUERY = z.strictObject({
  state: several(JOB_STATES),
  preset: z.enum(PRESETS).optional(),
  batch: z.string().max(20).optional().describe('Jobs of this batch'),
  text: z.string().max(200).optional().describe('Words of the name, the address of the photos or the id'),
  createdAfter: time,
  createdBefore: time,
  ...pageFields(20),
});

export const JOB_PARAMS = z.object({ jobId: z.string() });
