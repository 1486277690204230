import { layout } from '../../../contracts/storage/layout';
import type { UploadManifest } from '../../../contracts/storage/upload-manifest';
import type { OpenMultipart, StoredUpload, UploadStore } from '../../../platform/uploads/upload-store';
import type { ArrivedPart, Transfer, Transfers } from '../../../server/uploads/transfers';
import type { UploadStorage } from '../../../server/uploads/uploads';

/** Uploads in memory: `objects` are the bytes of what has arrived, by key. */
export class MemoryUploads implements UploadStorage {
  readonly manifests = new Map<string, UploadManifest>();
  readonly completed = new Map<string, number>();
  readonly objects = new Map<string, number>();
  readonly multiparts = new Map<string, { readonly key: string; readonly parts: ArrivedPart[] }>();
  away = false;

  constructor(private readonly now: () => number) {}

  readonly store: UploadStore = {
    claim: async (manifest) => {
      this.requireThere();
      const id = manifest.tenant + manifest.uploadId;
      if (this.manifests.has(id)) return false;
      this.manifests.set(id, manifest);
      return true;
    },
    find: async (tenant, uploadId): Promise<StoredUpload | null> => {
      this.requireThere();
      const manifest = this.manifests.get(tenant + uploadId);
      return manifest === undefined ? null : { manifest, completedAtMs: this.completed.get(tenant + uploadId) ?? null };
    },
    listed: async (tenant, uploadId) => {
      const folder = layout.uploadPhotosFolder(tenant, uploadId);
      return new Map(
        [...this.objects].flatMap(([key, bytes]) =>
          key.startsWith(folder) ? [[key.slice(folder.length), bytes]] : [],
        ),
      );
    },
    openMultiparts: async (tenant, uploadId): Promise<OpenMultipart[]> =>
      [...this.multiparts].flatMap(([multipartId, { key }]) =>
        key.startsWith(layout.uploadPhotosFolder(tenant, uploadId))
          ? [{ key, multipartId, startedAtMs: this.now() }]
          : [],
      ),
    complete: async (tenant, uploadId) => {
      if (!this.completed.has(tenant + uploadId)) this.completed.set(tenant + uploadId, this.now());
    },
  };

  readonly transfers: Transfers = {
    link: async (transfer: Transfer, seconds) =>
      `http://storage.test/${transfer.key}?kind=${transfer.kind}&seconds=${seconds}`,
    create: async (key) => {
      const multipartId = `parts-${this.multiparts.size + 1}`;
      this.multiparts.set(multipartId, { key, parts: [] });
      return multipartId;
    },
    parts: async (key, multipartId) => this.partsOf(key, multipartId)?.parts ?? null,
    complete: async (key, multipartId, parts) => {
      if (this.partsOf(key, multipartId) === undefined) return false;
      this.multiparts.delete(multipartId);
      this.objects.set(
        key,
        parts.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      return true;
    },
    abort: async (key, multipartId) => {
      if (this.partsOf(key, multipartId) !== undefined) this.multiparts.delete(multipartId);
    },
  };

  async abortParts(tenant: string, uploadId: string): Promise<void> {
    for (const { multipartId } of await this.store.openMultiparts(tenant, uploadId))
      this.multiparts.delete(multipartId);
  }

  async remove(tenant: string, uploadId: string): Promise<void> {
    this.manifests.delete(tenant + uploadId);
    for (const key of this.objects.keys())
      if (key.startsWith(layout.uploadFolder(tenant, uploadId))) this.objects.delete(key);
  }

  private partsOf(key: string, multipartId: string) {
    const found = this.multiparts.get(multipartId);
    return found?.key === key ? found : undefined;
  }

  private requireThere(): void {
    if (this.away) throw new Error('connection refused');
  }
}
