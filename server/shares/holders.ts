import { mayShow, sceneWithoutPlace } from '../../contracts/access/revealed';
import type { ShareScope } from '../../contracts/access/scopes';
import type { SharedJob } from '../../contracts/access/share-schema';
import { isRecord } from '../../contracts/messages/parsed';
import type { AnnotationDraft, AnnotationView } from '../../contracts/scene/annotation-schema';
import type { PublishedFile } from '../../contracts/storage/layout';
import { isOpenTenant } from '../access/identify';
import { hashOf, isSameHash, isSecret } from '../access/secrets';
import type { AnnotationDesk } from '../annotations/annotations';
import type { FileUse } from '../files/download-name';
import type { FileHead } from '../files/file-head';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { JobLookup } from '../jobs/lookup';
import type { ReadJobs } from '../jobs/read';
import type { Share, Shares } from '../storage/shares';
import type { Tenants } from '../storage/tenants';
import { sharedJob } from './shared-job';
import { sharedUrl } from './shares';

/** Whoever came with a link that is valid. */
export interface Holder {
  readonly share: Share;
  readonly token: string;
}

/** A file lies behind a link; one that may not be seen whole is sent as what may be. */
export type SharedFile = { readonly link: string } | { readonly json: object };

/**
 * What holders of links may do. Every call but `find` throws Problem: SHARE_NOT_FOUND where the job is gone, FORBIDDEN
 * where the link does not allow it.
 */
export interface ShareHolders {
  /** Null where the token is unknown, expired or revoked, or its tenant closed. */
  find(token: string): Promise<Holder | null>;
  job(holder: Holder): Promise<SharedJob>;
  /** Throws ARTIFACT_NOT_FOUND, also for files that tell what is not shown. `inline`: to be seen, not saved. */
  file(holder: Holder, file: PublishedFile, inline: boolean): Promise<SharedFile>;
  fileHead(holder: Holder, file: PublishedFile, inline: boolean): Promise<FileHead | { readonly json: object }>;
  annotations(holder: Holder): Promise<readonly AnnotationView[]>;
  /** Throws TOO_MANY_ANNOTATIONS. */
  annotate(holder: Holder, draft: AnnotationDraft): Promise<AnnotationView>;
  /** Of those that came through the same link alone. Throws ANNOTATION_NOT_FOUND, PRECONDITION_FAILED. */
  replace(holder: Holder, id: string, draft: AnnotationDraft, ifMatch: string | undefined): Promise<AnnotationView>;
  /** Likewise. */
  remove(holder: Holder, id: string, ifMatch: string | undefined): Promise<void>;
}

/** Annotations that one link may add: room is left for those of the job's own people. */
const MAX_ANNOTATIONS_OF_SHARE = 200;

interface HolderDeps {
  readonly shares: Pick<Shares, 'findByTokenHash'>;
  readonly tenants: Pick<Tenants, 'find'>;
  readonly lookup: Pick<JobLookup, 'record'>;
  readonly jobs: Pick<ReadJobs, 'artifact' | 'artifactHead' | 'resultJson'>;
  readonly desk: AnnotationDesk;
  readonly publicUrl: string;
  readonly now: () => number;
}

export function createShareHolders({ shares, tenants, lookup, jobs, desk, publicUrl, now }: HolderDeps): ShareHolders {
  /** The file's content where only a part of it may be seen; null where a link leads to all of it. */
  const partOf = async ({ share }: Holder, file: PublishedFile): Promise<object | null> => {
    if (file !== 'scene.json' || share.shows.includes('position')) return null;
    const scene = await jobs.resultJson(callerOf(share), share.jobId, file);
    return isRecord(scene) ? sceneWithoutPlace(scene) : null;
  };

  /** Throws where the link does not let its holder have the file. */
  const allowFile = ({ share }: Holder, file: PublishedFile, inline: boolean): void => {
    if (!inline) allow(share, 'download');
    if (!mayShow(file, share.shows)) throw new Problem('ARTIFACT_NOT_FOUND', 'this link shows no file of that name');
  };

  /** Throws where an annotation did not come through this link. */
  const allowChange = async ({ share }: Holder, id: string): Promise<void> => {
    allow(share, 'measure');
    const { shareId } = await desk.get(callerOf(share), share.jobId, id);
    if (shareId !== share.id)
      throw new Problem('FORBIDDEN', 'this link may change only the annotations that were made through it');
  };

  return {
    async find(token) {
      if (!isSecret('spl', token)) return null;
      const hash = hashOf(token);
      const share = await reached('The database', shares.findByTokenHash(hash));
      if (share === null || !isSameHash(share.tokenHash, hash)) return null;
      const isOver = share.revokedAtMs !== null || (share.expiresAtMs !== null && share.expiresAtMs <= now());
      if (isOver || !(await reached('The database', isOpenTenant(tenants, share.tenant)))) return null;
      return { share, token };
    },

    job: ({ share, token }) =>
      ofJob(async () =>
        sharedJob(await lookup.record(callerOf(share), share.jobId), share, sharedUrl(publicUrl, token)),
      ),

    file: (holder, file, inline) =>
      ofJob(async () => {
        allowFile(holder, file, inline);
        const part = await partOf(holder, file);
        const { share } = holder;
        return part === null
          ? { link: await jobs.artifact(callerOf(share), share.jobId, file, useOf(share, inline)) }
          : { json: part };
      }),

    fileHead: (holder, file, inline) =>
      ofJob(async () => {
        allowFile(holder, file, inline);
        const part = await partOf(holder, file);
        const { share } = holder;
        return part === null
          ? jobs.artifactHead(callerOf(share), share.jobId, file, useOf(share, inline))
          : { json: part };
      }),

    annotations: ({ share }) =>
      ofJob(async () => (await desk.list(callerOf(share), share.jobId)).map((each) => asSeenBy(share, each))),

    annotate: ({ share }, draft) =>
      ofJob(async () => {
        allow(share, 'measure');
        refuseScale(draft);
        const all = await desk.list(callerOf(share), share.jobId);
        if (all.filter(({ shareId }) => shareId === share.id).length >= MAX_ANNOTATIONS_OF_SHARE)
          throw new Problem(
            'TOO_MANY_ANNOTATIONS',
            `one link may add ${MAX_ANNOTATIONS_OF_SHARE} annotations; delete some of them first`,
          );
        return desk.create(callerOf(share), share.jobId, draft, share.id);
      }),

    replace: (holder, id, draft, ifMatch) =>
      ofJob(async () => {
        await allowChange(holder, id);
        refuseScale(draft);
        return desk.replace(callerOf(holder.share), holder.share.jobId, id, draft, ifMatch);
      }),

    remove: (holder, id, ifMatch) =>
      ofJob(async () => {
        await allowChange(holder, id);
        await desk.remove(callerOf(holder.share), holder.share.jobId, id, ifMatch);
      }),
  };
}

/** In whose name the job is read: what a holder may see of it is decided here, and not by scopes of keys. */
const callerOf = ({ tenant }: Share): Caller => ({ tenant, scopes: ['read'], keyId: null });

const useOf = ({ shows }: Share, inline: boolean): FileUse =>
  inline ? 'show' : shows.includes('fileNames') ? 'save' : 'save without the name of the photos';

function allow({ scopes }: Share, scope: ShareScope): void {
  if (!scopes.includes(scope)) throw new Problem('FORBIDDEN', `this link does not allow it: it lacks "${scope}"`);
}

/** It changes all that is measured, also what others have. */
function refuseScale({ kind }: AnnotationDraft): void {
  if (kind === 'scale')
    throw new Problem('FORBIDDEN', 'the scale is set by those who have the job, and not through a link');
}

/** Of other links a holder learns nothing. */
const asSeenBy = ({ id }: Share, annotation: AnnotationView): AnnotationView => ({
  ...annotation,
  shareId: annotation.shareId === id ? id : null,
});

/** A link to a job that is gone is answered like one that never was. */
async function ofJob<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof Problem && (error.code === 'JOB_NOT_FOUND' || error.code === 'JOB_ERASED'))
      throw unknownShare();
    throw error;
  }
}

export const unknownShare = (): Problem =>
  new Problem('SHARE_NOT_FOUND', 'the link is wrong, has expired, or was revoked; ask whoever gave it to you');
