import { z } from 'zod';
import { list, object } from '../messages/read-only';

/**
 * Who does something to a job: a caller, known by an API key, by a session that one opened, or as somebody at the
 * server's own machine; or what callers have set up, and what the product does by itself.
 */
const ACTOR_KINDS = ['key', 'session', 'machine', 'batch', 'schedule', 'upkeep'] as const;

/** What was done to a job. */
export const AUDIT_ENTRY = object({
  at: z.iso.datetime(),
  operation: z.string().describe("The API's name of what was done, such as `cancelJob` or `createShare`"),
  by: object({
    kind: z.enum(ACTOR_KINDS).describe('`machine`: somebody at the machine of a server that asks for no key'),
    keyId: z
      .string()
      .nullable()
      .describe('The key that was shown, or that opened the session; of a batch or schedule, that of who set it last'),
    of: z.string().optional().describe('The batch or the schedule'),
  }),
  requestId: z
    .string()
    .nullable()
    .describe('`X-Request-Id` of its answer; also in the log of the server. Null where nobody asked for it by then'),
  details: z.unknown().describe('What was sent; null where that was nothing, is long, or stands in the job itself'),
}).meta({ id: 'AuditEntry' });

export const AUDIT_LIST = object({
  entries: list(AUDIT_ENTRY),
  nextCursor: z.string().nullable().describe('For `cursor` of the next page; null on the last one'),
}).meta({ id: 'AuditList' });

/** A caller, as a batch or a schedule remembers who set it. */
export const SET_BY = object({ kind: z.enum(ACTOR_KINDS), keyId: z.string().nullable() });

export type SetBy = z.infer<typeof SET_BY>;
export type AuditEntry = z.infer<typeof AUDIT_ENTRY>;
export type AuditList = z.infer<typeof AUDIT_LIST>;
