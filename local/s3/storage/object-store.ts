import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobFiles, type Segment } from './blob-files';
import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksums';
import { KeyIndex } from './key-index';
import { KeyedLock } from './keyed-lock';
import { MetadataFiles } from './metadata-files';
import type { ObjectPart } from './object-parts';
import { S3Error } from '../s3-error';

/** What a client sets on an object and gets back. */
export interface ObjectAttributes {
  /** content-type, cache-control and the like, by lower-case name. */
  headers: Record<string, string>;
  /** x-amz-meta-*, by the name after that prefix. */
  userMetadata: Record<string, string>;
}

/** One object: the content of its metadata file. */
export interface StoredObject extends ObjectAttributes {
  key: string;
  /** Bytes. */
  size: number;
  /** Without quotes: MD5 in hex, or MD5 of the parts' MD5s and `-<parts>`. */
  etag: string;
  /** Milliseconds since the epoch. */
  lastModified: number;
  segments: Segment[];
  /** Of an object that was uploaded in parts; read it by `partsOf`. */
  parts?: ObjectPart[] | undefined;
  checksum?: Checksum | undefined;
  /** The multipart upload it came from, so that a repeated Complete finds its answer. */
  uploadId?: string | undefined;
}

export interface UploadedPart extends Segment {
  number: number;
  etag: string;
  lastModified: number;
  checksum?: Checksum | undefined;
}

/** A multipart upload in progress; `parts` live in files of their own. */
export interface Upload extends ObjectAttributes {
  uploadId: string;
  key: string;
  startedAt: number;
  checksumAlgorithm?: ChecksumAlgorithm | undefined;
  checksumType?: ChecksumType | undefined;
  parts: Map<number, UploadedPart>;
}

interface BucketRecord {
  name: string;
  createdAt: number;
}

export interface Bucket extends BucketRecord {
  objects: KeyIndex<StoredObject>;
  uploads: Map<string, Upload>;
}

/**
 * S3's rule for bucket names: labels as in a host name, no address, none of the reserved beginnings and endings. It also
 * keeps a bucket from being a path.
 */
const BUCKET_NAME = new RegExp(
  [
    /^(?=.{3,63}$)/,
    /(?!\d+\.\d+\.\d+\.\d+$)(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)/,
    /[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

/**
 * Buckets, objects and uploads on disk, with an index in memory that is rebuilt from the metadata files at start.
 *
 * Every change is one rename of a metadata file, after the bytes it names are in place: a process killed at any moment
 * leaves each object as it was or as it became. One process at a time may have a root open.
 *
 *     <root>/blobs/<2>/<random>                         bytes
 *     <root>/buckets/<bucket>/record/bucket.json
 *     <root>/buckets/<bucket>/objects/<2>/<sha256 of key>.json
 *     <root>/buckets/<bucket>/uploads/<id>/upload.json  part-<number>.json
 */
export class ObjectStore {
  readonly blobs: BlobFiles;
  private readonly metadata: MetadataFiles;
  private readonly locks = new KeyedLock();
  private readonly buckets = new Map<string, Bucket>();

  private constructor(private readonly root: string) {
    this.blobs = new BlobFiles(path.join(root, 'blobs'));
    this.metadata = new MetadataFiles(path.join(root, 'scratch'));
  }

  static async open(root: string): Promise<ObjectStore> {
    const store = new ObjectStore(root);
    await store.metadata.clearScratch();
    await store.load();
    return store;
  }

  listBuckets(): Bucket[] {
    return [...this.buckets.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** @throws {S3Error} NoSuchBucket */
  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new S3Error('NoSuchBucket');
    return bucket;
  }

  /** @returns false when it was there already. Throws InvalidBucketName. */
  async createBucket(name: string): Promise<boolean> {
    if (!BUCKET_NAME.test(name)) throw new S3Error('InvalidBucketName');
    return this.locks.run(`bucket ${name}`, async () => {
      if (this.buckets.has(name)) return false;
      const record: BucketRecord = { name, createdAt: Date.now() };
      await this.metadata.write(path.join(this.bucketFolder(name), 'record', 'bucket.json'), record);
      this.buckets.set(name, { ...record, objects: new KeyIndex(), uploads: new Map() });
      return true;
    });
  }

  /** @throws {S3Error} NoSuchBucket, BucketNotEmpty */
  async deleteBucket(name: string): Promise<void> {
    await this.locks.run(`bucket ${name}`, async () => {
      const bucket = this.bucket(name);
      if (bucket.objects.size > 0 || bucket.uploads.size > 0) throw new S3Error('BucketNotEmpty');
      this.buckets.delete(name);
      await this.metadata.remove(this.bucketFolder(name));
    });
  }

  /** @throws {S3Error} NoSuchBucket, NoSuchKey */
  object(bucketName: string, key: string): StoredObject {
    const object = this.bucket(bucketName).objects.get(key);
    if (!object) throw new S3Error('NoSuchKey', undefined, { Key: key });
    return object;
  }

  /**
   * Makes the object visible, replacing one of the same key. `check` sees what is there at that moment and may refuse
   * by throwing; nobody else writes this key in between. On any failure the new object's blobs are removed.
   */
  async putObject(
    bucketName: string,
    object: StoredObject,
    check: (existing: StoredObject | undefined) => void,
  ): Promise<void> {
    try {
      await this.replaceObject(bucketName, object, check);
    } catch (error) {
      await this.blobs.discard(object.segments);
      throw error;
    }
  }

  /** Removes the object unless `check` refuses, by throwing; a key that is not there is no error by itself. */
  async deleteObject(
    bucketName: string,
    key: string,
    check: (existing: StoredObject | undefined) => void,
  ): Promise<void> {
    await this.locks.run(`object ${bucketName}/${key}`, async () => {
      const { objects } = this.bucket(bucketName);
      const existing = objects.get(key);
      check(existing);
      if (!existing) return;
      await this.metadata.remove(this.objectFile(bucketName, key));
      objects.delete(key);
      await this.blobs.discard(existing.segments);
    });
  }

  async createUpload(bucketName: string, upload: Omit<Upload, 'uploadId' | 'startedAt' | 'parts'>): Promise<Upload> {
    const { uploads } = this.bucket(bucketName);
    const created: Upload = {
      ...upload,
      uploadId: randomBytes(24).toString('hex'),
      startedAt: Date.now(),
      parts: new Map(),
    };
    const { parts, ...record } = created;
    await this.metadata.write(path.join(this.uploadFolder(bucketName, created.uploadId), 'upload.json'), record);
    uploads.set(created.uploadId, created);
    return created;
  }

  /** @throws {S3Error} NoSuchUpload, also when the id belongs to another key. */
  upload(bucketName: string, key: string, uploadId: string): Upload {
    const upload = this.bucket(bucketName).uploads.get(uploadId);
    if (!upload || upload.key !== key) throw new S3Error('NoSuchUpload');
    return upload;
  }

  /** Keeps a part, replacing one of the same number. On any failure the part's blob is removed. */
  async putPart(bucketName: string, key: string, uploadId: string, part: UploadedPart): Promise<void> {
    await this.locks.run(`upload ${uploadId}`, async () => {
      try {
        const { parts } = this.upload(bucketName, key, uploadId);
        const existing = parts.get(part.number);
        await this.metadata.write(path.join(this.uploadFolder(bucketName, uploadId), `part-${part.number}.json`), part);
        parts.set(part.number, part);
        if (existing) await this.blobs.discard([existing]);
      } catch (error) {
        await this.blobs.discard([part]);
        throw error;
      }
    });
  }

  /**
   * Ends an upload: `assemble` decides the object from the parts, whose blobs become its segments without being copied;
   * parts that it leaves out are removed. When it throws, the upload stays as it is.
   */
  async completeUpload(
    bucketName: string,
    key: string,
    uploadId: string,
    assemble: (upload: Upload) => StoredObject,
    check: (existing: StoredObject | undefined) => void,
  ): Promise<StoredObject> {
    return this.locks.run(`upload ${uploadId}`, async () => {
      const upload = this.upload(bucketName, key, uploadId);
      const object = assemble(upload);
      await this.replaceObject(bucketName, object, check);
      const used = new Set(object.segments.map(({ blob }) => blob));
      await this.removeUpload(bucketName, upload);
      await this.blobs.discard([...upload.parts.values()].filter(({ blob }) => !used.has(blob)));
      return object;
    });
  }

  /** @throws {S3Error} NoSuchUpload */
  async abortUpload(bucketName: string, key: string, uploadId: string): Promise<void> {
    await this.locks.run(`upload ${uploadId}`, async () => {
      const upload = this.upload(bucketName, key, uploadId);
      await this.removeUpload(bucketName, upload);
      await this.blobs.discard([...upload.parts.values()]);
    });
  }

  private async replaceObject(
    bucketName: string,
    object: StoredObject,
    check: (existing: StoredObject | undefined) => void,
  ): Promise<void> {
    const replaced = await this.locks.run(`object ${bucketName}/${object.key}`, async () => {
      const { objects } = this.bucket(bucketName);
      const existing = objects.get(object.key);
      check(existing);
      await this.metadata.write(this.objectFile(bucketName, object.key), object);
      objects.set(object.key, object);
      return existing;
    });
    if (replaced) await this.blobs.discard(replaced.segments);
  }

  /** upload.json goes first: without it the next start finishes the removal. */
  private async removeUpload(bucketName: string, upload: Upload): Promise<void> {
    this.bucket(bucketName).uploads.delete(upload.uploadId);
    const folder = this.uploadFolder(bucketName, upload.uploadId);
    await this.metadata.remove(path.join(folder, 'upload.json'));
    await this.metadata.remove(folder);
  }

  private async load(): Promise<void> {
    const bucketsFolder = path.join(this.root, 'buckets');
    await mkdir(bucketsFolder, { recursive: true });
    const referenced = new Set<string>();
    for (const name of await readdir(bucketsFolder)) {
      const bucket = await this.loadBucket(name);
      if (!bucket) continue;
      this.buckets.set(name, bucket);
      for (const { segments } of bucket.objects.values()) segments.forEach(({ blob }) => referenced.add(blob));
      for (const { parts } of bucket.uploads.values()) parts.forEach(({ blob }) => referenced.add(blob));
    }
    await this.blobs.removeOrphans(referenced);
  }

  private async loadBucket(name: string): Promise<Bucket | undefined> {
    const folder = this.bucketFolder(name);
    const [record] = await this.metadata.readAll<BucketRecord>(path.join(folder, 'record'));
    if (!record) return undefined; // killed while creating or deleting it
    const objects = await this.metadata.readAll<StoredObject>(path.join(folder, 'objects'));
    const bucket: Bucket = {
      ...record,
      objects: KeyIndex.from(objects.map((object) => [object.key, object])),
      uploads: new Map(),
    };
    for (const uploadId of await readdir(path.join(folder, 'uploads')).catch(() => [])) {
      const files = await this.metadata.readAll<Upload | UploadedPart>(this.uploadFolder(name, uploadId));
      const upload = files.find((file): file is Upload => 'uploadId' in file);
      if (!upload || bucket.objects.get(upload.key)?.uploadId === uploadId) {
        // Killed between the two steps of completing or aborting: the decision was made, so it is carried out.
        await this.metadata.remove(this.uploadFolder(name, uploadId));
        continue;
      }
      const parts = files.filter((file): file is UploadedPart => 'number' in file);
      bucket.uploads.set(uploadId, { ...upload, parts: new Map(parts.map((part) => [part.number, part])) });
    }
    return bucket;
  }

  private bucketFolder(name: string): string {
    return path.join(this.root, 'buckets', name);
  }

  private uploadFolder(bucketName: string, uploadId: string): string {
    return path.join(this.bucketFolder(bucketName), 'uploads', uploadId);
  }

  /** A hash of the key: any key is a valid file name of fixed length, and none can climb out of the folder. */
  private objectFile(bucketName: string, key: string): string {
    const hash = createHash('sha256').update(key).digest('hex');
    return path.join(this.bucketFolder(bucketName), 'objects', hash.slice(0, 2), `${hash}.json`);
  }
}
