import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { components } from '../../contracts/generated/api';
import { inOneLine } from '../../contracts/job/words';
import { partBytes, uploadMediaType } from '../../contracts/storage/upload-rules';
import { UsageError } from '../usage-error';
import type { LocalPhotos } from './photo-upload';
import { isRefusal, persistently, StorageError } from './persistently';
import { severalAtOnce } from './several-at-once';
import { answered, type SpaceportApi } from './spaceport-api';

type Upload = components['schemas']['Upload'];
type UploadFile = components['schemas']['UploadFile'];

/** Links that the server signs in one request, at most 100; each is good for 15 minutes. */
const LINKS_AT_ONCE = 20;
/** A larger file goes in parts, so that a broken connection costs one of them. */
const WHOLE_FILE_BYTES = partBytes(1);
export interface UploadListener {
  /** The server knows what is to come, and nothing of it is sent yet; what this throws ends the upload. */
  announced(uploadId: string): Promise<void>;
  /** Told with what has arrived of how much. */
  arrived(bytes: number, all: number): void;
}

/** Without the files that uploads do not take; they stay where they are. */
export function takenByUploads(photos: LocalPhotos): LocalPhotos {
  const files = photos.files.filter(({ name }) => uploadMediaType(name) !== null);
  if (files.length === 0) throw new UsageError(`there are no photos (.jpg, .jpeg, .png) in ${photos.source}`);
  return { ...photos, files, leftOut: photos.leftOut + photos.files.length - files.length };
}

/**
 * Sends photos through the API's uploads, which take each of the files, and returns the upload's id. What has arrived
 * before is not sent again: the same files find the same upload. Throws UsageError, ApiError, or TypeError where the
 * network stays away.
 */
export async function uploadThroughApi(
  api: SpaceportApi,
  photos: LocalPhotos,
  listener: UploadListener,
  signal: AbortSignal,
): Promise<string> {
  const files = await announced(photos);
  const upload = await open(api, photos, files, signal);
  await listener.announced(upload.uploadId);
  const fileOf = new Map(files.map(({ name, file }) => [name, file]));
  const missing = [...upload.missing, ...upload.differing];
  let arrived = upload.announced.bytes - missing.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = (bytes: number): void => listener.arrived((arrived += bytes), upload.announced.bytes);
  progress(0);
  await severalAtOnce(missing, signal, async (each, until) => {
    const begun = upload.inParts.find(({ file }) => file === each.file)?.multipartId ?? null;
    const sender = new Sender(api, upload.uploadId, each, fileOf.get(each.name) ?? each.name, until);
    if (each.bytes <= WHOLE_FILE_BYTES) await sender.whole().then(() => progress(each.bytes));
    else await sender.inParts(begun, progress);
  });
  const params = { path: { uploadId: upload.uploadId } };
  await persistently(() => answered(api.routes.POST('/v1/uploads/{uploadId}/complete', { params, body: {} })), signal);
  return upload.uploadId;
}

interface AnnouncedFile {
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: string;
}

async function announced({ kind, files }: LocalPhotos): Promise<readonly AnnouncedFile[]> {
  return Promise.all(
    files.map(async ({ file, name }) => {
      const { size, mtime } = await stat(file);
      return {
        file,
        name: kind === 'archive' ? path.basename(name) : name,
        bytes: size,
        modifiedAt: mtime.toISOString(),
      };
    }),
  );
}

/** The upload of these files: the one that an earlier try began, unless that has expired. */
async function open(
  api: SpaceportApi,
  { source, kind }: LocalPhotos,
  files: readonly AnnouncedFile[],
  signal: AbortSignal,
): Promise<Upload> {
  const body = {
    name: kind === 'folder' ? inOneLine(path.basename(path.resolve(source))) || null : null,
    files: files.map(({ name, bytes, modifiedAt }) => ({ name, bytes, modifiedAt })),
  };
  for (let round = 0; ; round += 1) {
    const key = createHash('sha256')
      .update(JSON.stringify([body, round]))
      .digest('hex');
    const params = { header: { 'Idempotency-Key': key } };
    const { uploadId, state } = await persistently(
      () => answered(api.routes.POST('/v1/uploads', { params, body, signal })),
      signal,
    );
    // A repeat answers as the first time did: what has arrived meanwhile is asked for.
    if (state === 'expired') continue;
    const upload = await answered(api.routes.GET('/v1/uploads/{uploadId}', { params: { path: { uploadId } }, signal }));
    if (upload.state !== 'expired') return upload;
  }
}

/** Sends one file. */
class Sender {
  constructor(
    private readonly api: SpaceportApi,
    private readonly uploadId: string,
    private readonly announced: UploadFile,
    private readonly file: string,
    private readonly signal: AbortSignal,
  ) {}

  async whole(): Promise<void> {
    const body = { method: 'PUT' as const, key: this.announced.name };
    const params = { path: { uploadId: this.uploadId } };
    await persistently(async () => {
      // Signed anew each time: a link may have expired while the network was away.
      const link = await answered(this.api.routes.POST('/v1/uploads/{uploadId}/sign', { params, body }));
      await this.put(link.url, await openAsBlob(this.file), link.headers);
    }, this.signal);
  }

  /** @param begun the id of parts that an earlier try began */
  async inParts(begun: string | null, onBytes: (bytes: number) => void): Promise<void> {
    const { uploadId } = this;
    const { file, bytes } = this.announced;
    const routes = '/v1/uploads/{uploadId}/files/{file}/multipart' as const;
    const multipartId = begun ?? (await this.begin());
    const params = { path: { uploadId, file, multipartId } };
    const size = partBytes(bytes);
    const all = Array.from({ length: Math.ceil(bytes / size) }, (_, index) => index + 1);
    const there = await persistently(
      () => answered(this.api.routes.GET(`${routes}/{multipartId}`, { params })),
      this.signal,
    );
    for (const part of there.parts) onBytes(part.bytes);
    const missing = all.filter((number) => !there.parts.some(({ partNumber }) => partNumber === number));
    const content = await openAsBlob(this.file);
    for (let next = 0; next < missing.length; next += LINKS_AT_ONCE) {
      const left = new Set(missing.slice(next, next + LINKS_AT_ONCE));
      await persistently(async () => {
        const body = { partNumbers: [...left] };
        const { links } = await answered(this.api.routes.POST(`${routes}/{multipartId}/sign`, { params, body }));
        for (const link of links) {
          const start = (link.partNumber - 1) * size;
          await this.put(link.url, content.slice(start, start + link.bytes));
          left.delete(link.partNumber);
          onBytes(link.bytes);
        }
      }, this.signal);
    }
    await persistently(
      () => answered(this.api.routes.POST(`${routes}/{multipartId}/complete`, { params, body: {} })),
      this.signal,
    );
  }

  private async begin(): Promise<string> {
    const params = { path: { uploadId: this.uploadId, file: this.announced.file } };
    const { multipartId } = await persistently(
      () => answered(this.api.routes.POST('/v1/uploads/{uploadId}/files/{file}/multipart', { params, body: {} })),
      this.signal,
    );
    return multipartId;
  }

  private async put(url: string, body: Blob, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const response = await fetch(url, { method: 'PUT', body, headers, signal: this.signal });
    const answer = await response.text();
    if (response.ok) return;
    const why = /<Message>([^<]+)</.exec(answer)?.[1];
    const says = why === undefined ? response.status : `${response.status}, ${why}`;
    throw new StorageError(
      `${this.announced.name} was not taken: the storage says ${says}`,
      isRefusal(response.status),
    );
  }
}
