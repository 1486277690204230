import type { AnnotationDraft, AnnotationView } from '../../contracts/scene/annotation-schema';

/** Where marks are kept: a job's own, or those of a shared link. Each call throws where it does not succeed. */
export interface AnnotationClient {
  list(): Promise<readonly AnnotationView[]>;
  create(draft: AnnotationDraft): Promise<AnnotationView>;
  replace(id: string, draft: AnnotationDraft, etag: string): Promise<AnnotationView>;
  remove(id: string, etag: string): Promise<void>;
}

export interface SyncState {
  readonly busy: boolean;
  /** Of the last change that could not be kept. */
  readonly error: unknown;
}

/** Brings the server to what is on the page, one change after the other, and only what differs. */
export interface MarkSync {
  /** What the server has already, by the ids of the page. */
  adopt(annotations: readonly AnnotationView[]): void;
  /** @param drafts id on the page -> what it shall be; whatever else is there is removed */
  bring(drafts: ReadonlyMap<string, AnnotationDraft>): Promise<void>;
  state(): SyncState;
  subscribe(changed: () => void): () => void;
}

interface Kept {
  readonly serverId: string;
  readonly etag: string;
  readonly text: string;
}

export function createMarkSync(client: AnnotationClient): MarkSync {
  const kept = new Map<string, Kept>();
  const listeners = new Set<() => void>();
  let state: SyncState = { busy: false, error: null };
  let wanted: ReadonlyMap<string, AnnotationDraft> | null = null;
  let running: Promise<void> | null = null;

  const become = (next: SyncState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const keep = (id: string, draft: AnnotationDraft, { annotationId, etag }: AnnotationView): void =>
    void kept.set(id, { serverId: annotationId, etag, text: textOf(draft) });

  const bringOnce = async (drafts: ReadonlyMap<string, AnnotationDraft>): Promise<void> => {
    for (const [id, { serverId, etag }] of [...kept]) {
      if (drafts.has(id)) continue;
      await client.remove(serverId, etag);
      kept.delete(id);
    }
    for (const [id, draft] of drafts) {
      const before = kept.get(id);
      if (before === undefined) keep(id, draft, await client.create(draft));
      else if (before.text !== textOf(draft))
        keep(id, draft, await client.replace(before.serverId, draft, before.etag));
    }
  };

  const run = async (): Promise<void> => {
    become({ busy: true, error: null });
    try {
      while (wanted !== null) {
        const drafts = wanted;
        wanted = null;
        await bringOnce(drafts);
      }
      become({ busy: false, error: null });
    } catch (error) {
      become({ busy: false, error });
    }
  };

  return {
    adopt(annotations) {
      for (const annotation of annotations)
        keep(annotation.annotationId, annotation as unknown as AnnotationDraft, annotation);
    },
    bring(drafts) {
      wanted = drafts;
      running ??= run().finally(() => (running = null));
      return running;
    },
    state: () => state,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

/** All that a change of is worth a call; how sure a value is, is measured again each time. */
function textOf({ kind, vertices, text, view, value }: AnnotationDraft): string {
  const amount = value === null ? null : [value.amount.toPrecision(6), value.unit];
  return JSON.stringify([kind, vertices, text, view && [view.eye, view.target], amount]);
}
