import type { S3Client } from '@aws-sdk/client-s3';
import type { Logger } from '../../../platform/logger';
import type { Db } from '../database';
import { createStorage, type Storage } from '../storage';
import type { ReconcileDeps } from './reconcile';
import { createRegistry } from './registry';
import { createRegistryObjects } from './registry-objects';

/** The storage of a server, whose registered things S3 has too, with what keeps both alike. */
export interface RegisteredStorage extends ReconcileDeps {
  readonly storage: Storage;
}

export function createRegisteredStorage({
  db,
  s3,
  bucket,
  logger,
}: {
  readonly db: Db;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly logger: Logger;
}): RegisteredStorage {
  const objects = createRegistryObjects({ s3, bucket });
  const registry = createRegistry({ db, objects, logger });
  return { db, objects, registry, logger, storage: createStorage(db, registry.change) };
}
