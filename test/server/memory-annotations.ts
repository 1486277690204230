import type { Annotation, Annotations } from '../../server/storage/annotations';

/** Annotations in memory, as the database keeps them. */
export function memoryAnnotations(): Annotations {
  const known = new Map<string, Annotation>();
  const find = async (tenant: string, jobId: string, id: string): Promise<Annotation | null> => {
    const found = known.get(id);
    return found?.tenant === tenant && found.jobId === jobId ? found : null;
  };
  const list: Annotations['list'] = async (tenant, jobId) =>
    [...known.values()].filter((each) => each.tenant === tenant && each.jobId === jobId);
  return {
    find,
    list,
    async create(annotation, limit) {
      if ((await list(annotation.tenant, annotation.jobId)).length >= limit) return null;
      const made = { ...annotation, version: 1, updatedAtMs: annotation.createdAtMs };
      known.set(made.id, made);
      return made;
    },
    async replace({ tenant, jobId, id, body }, expected, nowMs) {
      const found = await find(tenant, jobId, id);
      if (found === null) return null;
      if (expected !== null && expected !== found.version) return 'changed';
      const replaced = { ...found, body, version: found.version + 1, updatedAtMs: nowMs };
      known.set(id, replaced);
      return replaced;
    },
    async remove(tenant, jobId, id, expected) {
      const found = await find(tenant, jobId, id);
      if (found === null) return null;
      if (expected !== null && expected !== found.version) return 'changed';
      known.delete(id);
      return found;
    },
    async removeOfJob(tenant, jobId) {
      for (const { id } of await list(tenant, jobId)) known.delete(id);
    },
  };
}
