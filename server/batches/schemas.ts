import { z } from 'zod';
import { CONCURRENCY, MAX_BATCH_JOBS } from '../../contracts/batch/record';
import type { WebhookRules } from '../../contracts/messages/webhook-url';
import { pageFields, strictBody } from '../http/request-schemas';
import type { StartRequest } from '../jobs/input-access';
import { HAS_ONE_PLACE, HAS_PLACE, jobNameSchema, jobOptionsSchema, startFields } from '../jobs/schemas';

/** What is asked for, each job complete. */
export interface BatchRequest {
  readonly name: string | null;
  readonly email: string;
  readonly mailPerJob: boolean;
  readonly concurrency: number;
  readonly jobs: readonly StartRequest[];
}

/** The body that starts a batch: what a job leaves out is as it stands beside `jobs`, single options too. */
export function startBatchSchema(webhooks: WebhookRules): z.ZodType<BatchRequest> {
  const { s3Url, uploadId, email, name, ...settings } = startFields(webhooks);
  const { preset, retryWindowSeconds, budgetUsd, maxHours, capacity, priority, webhookUrl } = settings;
  const job = strictBody({
    s3Url,
    uploadId,
    name,
    preset: preset.unwrap().optional(),
    options: jobOptionsSchema,
    retryWindowSeconds: retryWindowSeconds.unwrap().optional(),
    budgetUsd: budgetUsd.unwrap().optional(),
    maxHours: maxHours.unwrap().optional(),
    capacity: capacity.unwrap().optional(),
    priority: priority.unwrap().optional(),
    webhookUrl: webhookUrl.unwrap().optional(),
  })
    .refine(...HAS_PLACE)
    .refine(...HAS_ONE_PLACE);
  return strictBody({
    name: jobNameSchema.nullable().default(null).describe('What people call the batch'),
    email,
    mailPerJob: z.boolean().default(false).describe('Mails of each job too, beside the one about all of them'),
    concurrency: z
      .int()
      .min(CONCURRENCY.minimum)
      .max(CONCURRENCY.maximum)
      .default(CONCURRENCY.default)
      .describe('Most jobs that work at the same time'),
    ...settings,
    jobs: z.array(job).min(1).max(MAX_BATCH_JOBS).describe('The photo sets, and what is particular to each'),
  }).transform(({ jobs, name: batchName, mailPerJob, concurrency, startAt: startAtMs, ...shared }) => ({
    name: batchName,
    email: shared.email,
    mailPerJob,
    concurrency,
    jobs: jobs.map((own): StartRequest => {
      const { s3Url: location, uploadId: upload = '', options, ...given } = own;
      const all = { ...shared, startAtMs, ...withoutUndefined(given), options: { ...shared.options, ...options } };
      return location === undefined ? { ...all, uploadId: upload } : { ...all, location };
    }),
  }));
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
const withoutUndefined = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;

export const BATCH_PARAMS = z.object({ batchId: z.string() });

export const BATCH_LIST_QUERY = z.strictObject({
  ...pageFields(20),
});
