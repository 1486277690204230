import { z } from 'zod';
import { SHARE_DETAILS, SHARE_SCOPES } from './scopes';
import { jobState } from '../job/view-schema';
import { list, object } from '../messages/read-only';

/** What the API shows of shared links, to those who share and to those who hold one. */

const time = z.iso.datetime();
const scopes = z
  .array(z.enum(SHARE_SCOPES))
  .readonly()
  .describe('`measure`: may add annotations; `download`: may save published files');
const shows = z
  .array(z.enum(SHARE_DETAILS))
  .readonly()
  .describe('Details that holders see; they see none of the others');

const shareFields = {
  shareId: z.string(),
  jobId: z.string(),
  scopes,
  shows,
  createdAt: time,
  expiresAt: time.nullable().describe('Null: never'),
  revokedAt: time.nullable(),
};

export const SHARE_VIEW = object(shareFields).meta({
  id: 'Share',
  description: 'A link to one job for people without a key, without the link itself',
});

export const NEW_SHARE = object({
  ...shareFields,
  token: z.string().nullable().describe('Shown this once, and kept nowhere; null in answers to repeats'),
  url: z.string().nullable().describe('The page that its holder opens, /s/TOKEN; null likewise'),
  apiUrl: z.string().nullable().describe('Where a program of theirs reads the job, /v1/shared/TOKEN; null likewise'),
}).meta({ id: 'NewShare' });

export const SHARE_LIST = object({
  shares: list(SHARE_VIEW).describe('The newest first, revoked and expired ones too'),
}).meta({ id: 'ShareList' });

const LISTED_SHARE = object({
  ...shareFields,
  jobName: z.string().nullable().describe('What people call the job; null within the seconds after its start'),
}).meta({ id: 'ListedShare' });

export const SHARE_PAGE = object({
  shares: list(LISTED_SHARE).describe('The newest first, revoked and expired ones too'),
  nextCursor: z.string().nullable().describe('`cursor` of the next page; null on the last one'),
}).meta({ id: 'SharePage' });

const file = object({ name: z.string(), bytes: z.number(), url: z.string() });

export const SHARED_JOB = object({
  name: z.string().nullable().describe('As somebody has called it; that of the photos only with `fileNames`'),
  state: jobState,
  scopes,
  shows,
  expiresAt: time.nullable().describe('When the link ends; null: never'),
  createdAt: time,
  endedAt: time.nullable(),
  photos: z.int().min(0).nullable().describe('How many the scene was made of; null before that is known'),
  scene: list(file).describe('What a viewer reads; empty while there is no scene'),
  downloads: list(file).describe('Files that may be saved; empty without `download`'),
  email: z.string().nullable().describe('Of the person who sent the photos; null unless it is shown'),
  costUsd: z.number().nullable().describe('Null unless it is shown'),
  input: z.string().nullable().describe('Where the photos came from; null unless `fileNames` are shown'),
}).meta({ id: 'SharedJob', description: 'A job as the holder of a link sees it' });

export type ShareView = z.infer<typeof SHARE_VIEW>;
export type SharePageView = z.infer<typeof SHARE_PAGE>;
/** The first answer, with the link. */
export type NewShare = z.infer<typeof NEW_SHARE> & { readonly token: string; readonly url: string };
export type SharedJob = z.infer<typeof SHARED_JOB>;
