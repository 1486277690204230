import { RemovalPolicy } from 'aws-cdk-lib';
import { Repository, RepositoryEncryption, TagMutability } from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { imagesOf, type Cell } from '../cell';

/** More than any job that waits could still ask for. */
const IMAGES_KEPT = 30;

/** A repository for each image. A tag never moves, so that a job's attempts all run the same program. */
export class Images extends Construct {
  constructor(scope: Construct, cell: Cell, key: IKey) {
    super(scope, 'Images');
    for (const image of imagesOf(cell.settings))
      new Repository(this, image, {
        repositoryName: cell.names.repository(image),
        imageTagMutability: TagMutability.IMMUTABLE,
        imageScanOnPush: true,
        encryption: RepositoryEncryption.KMS,
        encryptionKey: key,
        lifecycleRules: [{ maxImageCount: IMAGES_KEPT }],
        removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      });
  }
}
