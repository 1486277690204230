import { z } from 'zod';
import { matchesName, seconds, when } from '../../faults/fault-rule';
import type { OperationName } from '../operations/routing';

const selection = {
  /** A part of the key, or a pattern of the whole key in which * stands for anything. A listing's key is its prefix. */
  key: z.string().min(1),
  /** Such as GetObject. Default: every operation that the kind can befall. */
  operation: z.string().min(1).optional(),
  ...when,
};
const kind = <K extends string>(name: K) => z.strictObject({ kind: z.literal(name), ...selection });

/** A line of the fault plan of S3. */
export const s3Rule = z.discriminatedUnion('kind', [
  kind('slow-down'),
  kind('internal-error'),
  kind('storage-full'),
  kind('truncated-body'),
  kind('slow-read').extend({ seconds }),
]);

export type S3Rule = z.infer<typeof s3Rule>;

/** The operations that need room for bytes. */
const WRITING: ReadonlySet<OperationName> = new Set([
  'PutObject',
  'CopyObject',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
]);

/** `bodyLength` is that of the object which a GetObject asks for. */
export function matchesRule(rule: S3Rule, operation: OperationName, key: string, bodyLength: number): boolean {
  if (rule.operation !== undefined && rule.operation !== operation) return false;
  if (rule.kind === 'storage-full' && !WRITING.has(operation)) return false;
  const ofBody = rule.kind === 'truncated-body' || rule.kind === 'slow-read';
  if (ofBody && (operation !== 'GetObject' || bodyLength < 2)) return false;
  return matchesName(rule.key, key);
}
