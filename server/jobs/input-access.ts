import type { JobRequest } from '../../contracts/job/record';
import { CLOSED_PREFIXES, layout } from '../../contracts/storage/layout';
import { s3Uri, type S3Location } from '../../contracts/storage/location';
import { tenantLimits } from '../access/tenant-limits';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { Tenants } from '../storage/tenants';

export interface InputRules {
  /** The deployment's own bucket, with its jobs and uploads. */
  readonly bucket: string;
  readonly inputBuckets: readonly string[];
}

/** The rules for one caller. Throws UNAVAILABLE where nobody knows what the tenant may. */
export type InputRulesOf = (caller: Caller) => Promise<InputRules>;

/** The buckets of the deployment; for a tenant with an allow-list only those of them that it names. */
export const createInputRules =
  (tenants: Pick<Tenants, 'find'>, deployment: InputRules): InputRulesOf =>
  async ({ tenant }) => {
    const limits = (await reached('The database', tenants.find(tenant)))?.limits;
    const { inputBuckets } = tenantLimits(limits ?? {});
    if (inputBuckets === null) return deployment;
    return { ...deployment, inputBuckets: deployment.inputBuckets.filter((bucket) => inputBuckets.includes(bucket)) };
  };

/**
 * Why photos may not come from a place, or null. In our own bucket, jobs' folders, other tenants' uploads and
 * the registry are closed, and so is every folder that holds them. A tenant's own uploads are open whatever its
 * allow-list says.
 */
export function inputProblem(
  { tenant }: Caller,
  location: S3Location,
  { bucket, inputBuckets }: InputRules,
): Problem | null {
  const own = layout.tenantUploads(tenant);
  if (location.bucket === bucket && location.key.startsWith(own)) return null;
  if (!inputBuckets.includes(location.bucket))
    return new Problem(
      'BUCKET_NOT_ALLOWED',
      inputBuckets.length === 0
        ? 'photos may come from no bucket; upload them through the API'
        : `photos may come from ${inputBuckets.join(', ')}; ${location.bucket} is not one of them`,
    );
  if (location.bucket !== bucket) return null;
  const closed = [...CLOSED_PREFIXES, layout.uploadsPrefix].find(
    (prefix) => location.key.startsWith(prefix) || prefix.startsWith(location.key),
  );
  if (closed === undefined) return null;
  return new Problem(
    'INPUT_FORBIDDEN',
    `${s3Uri(location)} holds results, uploads or keys of others; put your photos into a folder of their own, ` +
      `for example s3://${bucket}/${own}my-flight/`,
  );
}

/** A start request before it is known whose it is: of photos at a place, or of an upload. */
export type StartRequest =
  | Omit<JobRequest, 'tenant' | 'batch'>
  | (Omit<JobRequest, 'tenant' | 'batch' | 'location'> & { readonly uploadId: string });

/** A start request whose photos may come from where it says. */
export interface Asked {
  readonly asked: JobRequest;
  /** What the job gets: the name of the upload where it has none of its own. Throws where the photos are not there, or no money. */
  readonly ready: () => Promise<JobRequest>;
}

/** Finds out whose a request is. Throws Problem where photos may not come from there. */
export type ReadStart = (caller: Caller, sent: StartRequest) => Promise<Asked>;

export interface ReadStartDeps {
  readonly bucket: string;
  readonly inputRules: InputRulesOf;
  /** Throws unless the caller has such an upload, and it has everything. */
  readonly uploaded: (caller: Caller, uploadId: string) => Promise<{ readonly name: string | null }>;
  /** Throws BUDGET_EXHAUSTED where the caller's tenant may start nothing more this month. */
  readonly refuseExhausted: (caller: Caller) => Promise<void>;
}

export const createReadStart =
  ({ bucket, inputRules, uploaded, refuseExhausted }: ReadStartDeps): ReadStart =>
  async (caller, sent) => {
    const { tenant } = caller;
    if (!('uploadId' in sent)) {
      const forbidden = inputProblem(caller, sent.location, await inputRules(caller));
      if (forbidden !== null) throw forbidden;
      const asked = { ...sent, tenant, batch: null };
      return {
        asked,
        async ready() {
          await refuseExhausted(caller);
          return asked;
        },
      };
    }
    const { uploadId, ...rest } = sent;
    const location = { bucket, key: layout.uploadPhotosFolder(tenant, uploadId) };
    const asked = { ...rest, tenant, location, batch: null };
    return {
      asked,
      async ready() {
        const { name } = await uploaded(caller, uploadId);
        await refuseExhausted(caller);
        return { ...asked, name: asked.name ?? name };
      },
    };
  };
