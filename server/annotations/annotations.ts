import { randomUUID } from 'node:crypto';
import { MAX_ANNOTATIONS, type AnnotationDraft, type AnnotationView } from '../../contracts/scene/annotation-schema';
import { iso } from '../../contracts/job/view';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { matches } from '../http/entity-tag';
import { Problem } from '../http/problem';
import type { JobLookup } from '../jobs/lookup';
import type { Annotation, Annotations, Changed } from '../storage/annotations';

/** Notes and measurements of a job. All calls throw Problem: JOB_NOT_FOUND, JOB_ERASED, and what they name. */
export interface AnnotationDesk {
  list(caller: Caller, jobId: string): Promise<readonly AnnotationView[]>;
  /** Throws ANNOTATION_NOT_FOUND, as all that name one do. */
  get(caller: Caller, jobId: string, annotationId: string): Promise<AnnotationView>;
  /**
   * Throws TOO_MANY_ANNOTATIONS.
   * @param shareId the share whose holder makes it; null = somebody with a key or a session
   */
  create(caller: Caller, jobId: string, draft: AnnotationDraft, shareId: string | null): Promise<AnnotationView>;
  /**
   * Puts another in its place.
   * @param ifMatch the header; undefined = whichever version there is. Throws PRECONDITION_FAILED if it is another.
   */
  replace(
    caller: Caller,
    jobId: string,
    annotationId: string,
    draft: AnnotationDraft,
    ifMatch: string | undefined,
  ): Promise<AnnotationView>;
  remove(caller: Caller, jobId: string, annotationId: string, ifMatch: string | undefined): Promise<void>;
}

interface AnnotationDeps {
  readonly annotations: Annotations;
  readonly lookup: Pick<JobLookup, 'record'>;
  readonly now: () => number;
}

/** What the body of a stored annotation holds. */
type Stored = AnnotationDraft & { readonly shareId: string | null };

export function createAnnotationDesk({ annotations, lookup, now }: AnnotationDeps): AnnotationDesk {
  /** The annotation as it stands. Throws where it, or its job, is not there. */
  const find = async (caller: Caller, jobId: string, id: string): Promise<Annotation> => {
    await lookup.record(caller, jobId);
    const found = await reached('The database', annotations.find(caller.tenant, jobId, id));
    if (found === null) throw notFound(jobId);
    return found;
  };

  /** The version that a change counts on; null where any will do. */
  const expected = ({ version }: Annotation, ifMatch: string | undefined): number | null => {
    if (ifMatch === undefined) return null;
    if (!matches(ifMatch, etagOf(version))) throw changed();
    return version;
  };

  const outcome = (jobId: string, result: Annotation | Changed | null): Annotation => {
    if (result === null) throw notFound(jobId);
    if (result === 'changed') throw changed();
    return result;
  };

  return {
    async list(caller, jobId) {
      await lookup.record(caller, jobId);
      return (await reached('The database', annotations.list(caller.tenant, jobId))).map(annotationView);
    },

    get: async (caller, jobId, id) => annotationView(await find(caller, jobId, id)),

    async create(caller, jobId, draft, shareId) {
      await lookup.record(caller, jobId);
      const body: Stored = { ...draft, shareId };
      const { tenant } = caller;
      const annotation = { tenant, jobId, id: randomUUID(), body, createdAtMs: now() };
      const made = await reached('The database', annotations.create(annotation, MAX_ANNOTATIONS));
      if (made === null)
        throw new Problem(
          'TOO_MANY_ANNOTATIONS',
          `job ${jobId} has ${MAX_ANNOTATIONS} annotations, the most that one may have; delete some first`,
        );
      return annotationView(made);
    },

    async replace(caller, jobId, id, draft, ifMatch) {
      const found = await find(caller, jobId, id);
      const { shareId } = found.body as unknown as Stored;
      const body: Stored = { ...draft, shareId };
      const replaced = annotations.replace({ tenant: caller.tenant, jobId, id, body }, expected(found, ifMatch), now());
      return annotationView(outcome(jobId, await reached('The database', replaced)));
    },

    async remove(caller, jobId, id, ifMatch) {
      const found = await find(caller, jobId, id);
      const removed = annotations.remove(caller.tenant, jobId, id, expected(found, ifMatch));
      outcome(jobId, await reached('The database', removed));
    },
  };
}

const notFound = (jobId: string): Problem =>
  new Problem('ANNOTATION_NOT_FOUND', `job ${jobId} has no annotation of that id; it may have been deleted`);

const changed = (): Problem =>
  new Problem('PRECONDITION_FAILED', 'somebody has changed it since; read it again, and decide whose change counts');

const etagOf = (version: number): string => `"${version}"`;

function annotationView({ id, body, version, createdAtMs, updatedAtMs }: Annotation): AnnotationView {
  const { kind, vertices, text, view, value, shareId } = body as unknown as Stored;
  return {
    annotationId: id,
    kind,
    vertices,
    text,
    view,
    value,
    shareId,
    etag: etagOf(version),
    createdAt: iso(createdAtMs),
    updatedAt: iso(updatedAtMs),
  };
}
