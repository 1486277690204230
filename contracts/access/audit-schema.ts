import { z } from 'zod';
import { list, object } from '../messages/read-only';

/** How a caller was known: by an API key, by a session that one opened, or as somebody at the server's own machine. */
export const CALLER_KINDS = ['key', 'session', 'machine'] as const;

/** What somebody did to a job through the API. */
export const AUDIT_ENTRY = object({
  at: z.iso.datetime(),
  operation: z.string().describe("The API's name of what was done, such as `cancelJob` or `createShare`"),
  by: object({
    kind: z.enum(CALLER_KINDS).describe('`machine`: somebody at the machine of a server that asks for no key'),
    keyId: z.string().nullable().describe('The key that was shown, or that opened the session'),
  }),
  requestId: z.string().describe('`X-Request-Id` of its answer; also in the log of the server'),
  details: z.unknown().describe('What was sent; null where that was nothing, is long, or stands in the job itself'),
}).meta({ id: 'AuditEntry' });

export const AUDIT_LIST = object({
  entries: list(AUDIT_ENTRY),
  nextCursor: z.string().nullable().describe('For `cursor` of the next page; null on the last one'),
}).meta({ id: 'AuditList' });

export type AuditEntry = z.infer<typeof AUDIT_ENTRY>;
export type AuditList = z.infer<typeof AUDIT_LIST>;
