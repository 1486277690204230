import { z } from 'zod';
import { MAX_PARTS, MAX_UPLOAD_FILES } from '../../contracts/storage/upload-rules';
import { strictBody } from '../http/request-schemas';
import { jobNameSchema } from '../jobs/schemas';
import type { Cut, PartLink } from './parts';
import type { SignedRequest, SignRequest } from './sign';
import type { UploadView } from './view';

/** Of a manifest: 10 000 files with names of some 300 bytes. */
export const MAX_MANIFEST_BYTES = 4 * 2 ** 20;
/** Links that are signed in one request. */
const MAX_LINKS = 100;
const MAX_TYPE_LENGTH = 255;
const MAX_KEY_LENGTH = 1024;

const announcedFile = strictBody({
  name: z.string().meta({ description: 'Path below the folder that is sent', examples: ['flight-1/DJI_0001.JPG'] }),
  bytes: z.number().int().min(0).describe('Size of the file'),
  modifiedAt: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-11-21T10:00:00Z' })
    .nullable()
    .default(null)
    .describe('When the file was last changed'),
  type: z
    .string()
    .max(MAX_TYPE_LENGTH)
    .optional()
    .describe(
      'What the client calls its kind, such as `image/jpeg`: a photo of another kind than its name says is refused',
    ),
});

/** What is to be sent. Names, kinds and sizes are checked by `manifestProblems`. */
export const MANIFEST = strictBody({
  name: jobNameSchema
    .nullable()
    .default(null)
    .describe('What the job will be called, where it gets no name of its own'),
  files: z
    .array(announcedFile)
    .min(1, 'must hold at least one file')
    .max(MAX_UPLOAD_FILES, `must hold at most ${MAX_UPLOAD_FILES} files`),
});

export const UPLOAD_PARAMS = z.object({ uploadId: z.string() });
export const FILE_PARAMS = UPLOAD_PARAMS.extend({
  file: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_UPLOAD_FILES - 1)
    .describe('Number of the file in the manifest, from 0'),
});
const multipartId = z.string().regex(/^[\x21-\x7e]{1,1024}$/, 'must be the id that the storage gave');
export const MULTIPART_PARAMS = FILE_PARAMS.extend({ multipartId });

const partNumber = z.number().int().min(1).max(MAX_PARTS);

/** As Uppy's `signRequest` is called. */
export const SIGN = strictBody({
  method: z.enum(['PUT', 'POST', 'GET', 'DELETE']).describe('Of the request to S3'),
  key: z.string().min(1).max(MAX_KEY_LENGTH).describe('Key of a file, or its name in the manifest'),
  uploadId: multipartId.optional().describe("S3's id of a file in parts"),
  partNumber: partNumber.optional(),
  contentType: z
    .string()
    .max(MAX_TYPE_LENGTH)
    .optional()
    .describe('Not used: the answer says which type was signed, by the name of the file'),
  expiresIn: z.number().int().min(1).optional().describe('Seconds, where less than 900 will do'),
}) satisfies z.ZodType<SignRequest>;

export const PART_NUMBERS = strictBody({
  partNumbers: z
    .array(partNumber)
    .min(1, 'must hold at least one number')
    .max(MAX_LINKS, `must hold at most ${MAX_LINKS} numbers`),
});

const count = z.object({ files: z.number().int(), bytes: z.number().int() });
const fileFields = {
  file: z.number().int().describe('Its number in the manifest'),
  name: z.string(),
  key: z.string().describe('Where it is sent to'),
  bytes: z.number().int(),
};
const fileView = z.object(fileFields).meta({ id: 'UploadFile' });

export const UPLOAD_VIEW = z
  .object({
    uploadId: z.string(),
    name: z.string().nullable(),
    state: z.enum(['open', 'complete', 'expired']),
    input: z.string().describe('What a job of these photos is started with, as `s3Url`; `uploadId` does the same'),
    createdAt: z.string(),
    expiresAt: z.string().nullable().describe('When an upload that is not complete is removed'),
    completedAt: z.string().nullable(),
    announced: count,
    arrived: count,
    missing: z.array(fileView).readonly().describe('What is to be sent'),
    differing: z
      .array(z.object({ ...fileFields, arrivedBytes: z.number().int() }))
      .readonly()
      .describe('What is to be sent again'),
    inParts: z
      .array(z.object({ ...fileFields, multipartId: z.string(), startedAt: z.string() }))
      .readonly()
      .describe('Files that are under way in parts, which can be resumed'),
  })
  .meta({ id: 'Upload' }) satisfies z.ZodType<UploadView>;

export const SIGNED = z
  .object({
    url: z.string(),
    key: z.string(),
    headers: z.record(z.string(), z.string()).optional().describe('To be sent as they are'),
  })
  .meta({ id: 'SignedRequest' }) satisfies z.ZodType<SignedRequest>;

export const CUT = z
  .object({
    multipartId: z.string(),
    partBytes: z.number().int().describe('Bytes of every part but the last'),
    parts: z.number().int(),
  })
  .meta({ examples: [{ multipartId: '2~Xc8Q', partBytes: 16_777_216, parts: 7 }] }) satisfies z.ZodType<Cut>;

export const ARRIVED_PARTS = z.object({
  parts: z
    .array(
      z
        .object({ partNumber: z.number().int(), bytes: z.number().int() })
        .meta({ examples: [{ partNumber: 1, bytes: 16_777_216 }] }),
    )
    .readonly(),
});

export const PART_LINKS = z.object({
  links: z
    .array(
      z
        .object({
          partNumber: z.number().int(),
          bytes: z.number().int().describe('Exactly so many bytes are taken'),
          url: z.string().describe('For PUT, for 15 minutes'),
        })
        .meta({
          examples: [
            {
              partNumber: 1,
              bytes: 16_777_216,
              url: 'https://s3.example.com/spaceport/…?partNumber=1&X-Amz-Signature=0f9a',
            },
          ],
        }),
    )
    .readonly(),
}) satisfies z.ZodType<{ links: readonly PartLink[] }>;
