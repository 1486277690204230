import { z } from 'zod';
import { ESTIMATE } from '../../contracts/estimates/estimate-schema';
import { DEFAULT_PRESET, PRESETS } from '../../contracts/stages/presets';
import { strictBody } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import { jobOptionsSchema, s3UrlSchema } from '../jobs/schemas';
import type { EstimateJob } from './estimates';

/** One of three fields says which photos are meant. */
const INPUTS = ['photos', 's3Url', 'uploadId'] as const;
const ONE_INPUT = `must be one of ${INPUTS.join(', ')}, and only one`;

const BODY = strictBody({
  photos: z.int().min(1).max(100_000).optional().describe('How many photos; without them in S3'),
  s3Url: s3UrlSchema.optional(),
  uploadId: z.string().optional().describe('An upload, whatever of it has arrived'),
  megapixels: z
    .number()
    .min(0.1)
    .max(1000)
    .nullable()
    .default(null)
    .describe('Millions of pixels of a photo, where they are known'),
  preset: z.enum(PRESETS).default(DEFAULT_PRESET),
  options: jobOptionsSchema.transform((value) => value ?? {}),
})
  .refine((body) => INPUTS.filter((name) => body[name] !== undefined).length === 1, {
    path: ['photos'],
    error: ONE_INPUT,
    when: ({ value, issues }) => typeof value === 'object' && value !== null && issues.length === 0,
  })
  .transform(({ photos, s3Url: location, uploadId = '', ...rest }) => ({
    ...rest,
    input: photos !== undefined ? { photos } : location !== undefined ? { location } : { uploadId },
  }));

/** What a job would take and cost. */
export const estimateRoutes = (estimateJob: EstimateJob): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/estimates',
      operation: 'estimateJob',
      tag: 'Estimates',
      summary: 'Time and cost of a job, before it is started',
      description:
        'Of a number of photos, of those at a place in S3 (they are listed, not read), or of an upload. `basis` says ' +
        "whether it comes from ten or more machines of this deployment's own that did the same, or from a model.",
      scope: 'read',
      body: BODY,
      example: { photos: 120, preset: 'standard' },
      answers: { 200: { description: 'The estimate', schema: ESTIMATE } },
      problems: ['INVALID_S3_URL', 'BUCKET_NOT_ALLOWED', 'INPUT_FORBIDDEN', 'UPLOAD_NOT_FOUND', 'UPLOAD_EXPIRED'],
    },
    async ({ caller, body }) => ({ status: 200, body: await estimateJob(caller, body) }),
  ),
];
