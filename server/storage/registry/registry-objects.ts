import type { S3Client } from '@aws-sdk/client-s3';
import { layout } from '../../../contracts/storage/layout';
import { deleteKeys, listObjects, readJson, writeJson } from '../../../platform/s3-objects';
import { isOfJob, REGISTERED_KINDS, type RegisteredId } from './registered';

/** What S3 has of a registered thing. */
export interface RegisteredObject {
  readonly row: unknown;
  readonly etag: string;
}

/** The registry in S3, an object a thing. */
export interface RegistryObjects {
  /** Null where there is none. Throws SyntaxError where it is not JSON. */
  read(what: RegisteredId, signal: AbortSignal): Promise<RegisteredObject | null>;
  /** Null takes the object away. */
  write(what: RegisteredId, row: object | null, signal: AbortSignal): Promise<void>;
  /** All of them; objects with other names are passed over. */
  list(signal: AbortSignal): AsyncIterable<RegisteredId>;
}

/** Names that are safe in a key; whatever else a caller may have sent as an id names nothing. */
const SEGMENT = /^[\w-]{1,100}$/;

export function createRegistryObjects({ s3, bucket }: { s3: S3Client; bucket: string }): RegistryObjects {
  const place = (what: RegisteredId): { bucket: string; key: string } => ({ bucket, key: keyOf(what) });
  return {
    async read(what, signal) {
      const stored = await readJson(s3, place(what), signal);
      return stored === null ? null : { row: stored.value, etag: stored.etag };
    },

    async write(what, row, signal) {
      if (row === null) await deleteKeys({ s3, bucket }, [keyOf(what)], signal);
      else await writeJson(s3, place(what), row, signal);
    },

    async *list(signal) {
      for await (const { key } of listObjects(s3, { bucket, key: layout.registryPrefix }, signal)) {
        const what = idOf(key);
        if (what !== null) yield what;
      }
    },
  };
}

/** Throws RangeError for ids that no thing of ours has. */
function keyOf({ kind, tenant, jobId, id }: RegisteredId): string {
  if (![tenant, id, ...(jobId === '' ? [] : [jobId])].every((segment) => SEGMENT.test(segment)))
    throw new RangeError(`not the id of one of the ${kind}`);
  return layout.registered(kind, tenant, jobId, id);
}

function idOf(key: string): RegisteredId | null {
  const [kindName, tenant = '', ...rest] = key
    .slice(layout.registryPrefix.length)
    .replace(/\.json$/, '')
    .split('/');
  const kind = REGISTERED_KINDS.find((known) => known === kindName);
  if (kind === undefined) return null;
  const [jobId = '', id = ''] = isOfJob(kind) ? rest : ['', ...rest];
  const isOurs = SEGMENT.test(tenant) && SEGMENT.test(id) && layout.registered(kind, tenant, jobId, id) === key;
  return isOurs ? { kind, tenant, jobId, id } : null;
}
