import { createHash } from 'node:crypto';
import type { JobRequest } from '../../../contracts/job/record';
import { settingsView, type JobView, type SettingsView } from '../../../contracts/job/view';
import { matches } from '../../http/entity-tag';

/**
 * The ETag of a job's answer, strong: two equal ones stand for the same bytes. Its first half is of the settings alone,
 * so that If-Match can ask whether these have changed: what a job does by itself between a GET and a PATCH, every
 * second while a machine runs, stands in no one's way.
 */
export const jobEtag = (view: JobView): string => `"${settingsTag(view)}.${digest(JSON.stringify(view))}"`;

/** Whether If-Match means a job with these settings: `*`, or one of its tags begins as theirs. Weak tags never do. */
export const meansSettings = (ifMatch: string, request: JobRequest): boolean =>
  tagsOf(ifMatch).some((tag) => tag === '*' || tag.startsWith(`"${settingsTag(settingsView(request))}.`));

/** Whether If-None-Match names this version; a weak tag does too (RFC 9110 section 13.1.2). */
export const isKnownVersion = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && matches(ifNoneMatch, etag);

const tagsOf = (header: string): string[] => header.split(',').map((tag) => tag.trim());

/** Of the settings as a view shows them. */
const settingsTag = ({ name, priority, startAt }: SettingsView): string =>
  digest(JSON.stringify({ name, priority, startAt }));

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);
