import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
  StorageClass,
  type BucketProps,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { layout } from '../../../contracts/storage/layout';
import { UPLOAD_DAYS } from '../../../contracts/storage/retention';
import type { Cell } from '../cell';
import { arn } from '../permissions/statement';

/** How long what was overwritten or deleted can be brought back; an erased job is gone for good only after it. */
const OLD_VERSION_DAYS = 7;
const ACCESS_LOG_DAYS = 90;
/** Scenes are mostly looked at in their first weeks; from then on S3 finds out by itself which are. */
const RARELY_READ_AFTER_DAYS = 30;

/** The bucket of jobs, results and uploads, and the one of access logs. */
export class Storage extends Construct {
  readonly bucket: Bucket;
  readonly accessLogs: Bucket;

  constructor(scope: Construct, cell: Cell, key: IKey) {
    super(scope, 'Storage');
    const closed = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    } satisfies BucketProps;
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...closed,
      bucketName: cell.names.accessLogs,
      // Load balancers write their logs under no other encryption.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [
        {
          id: 'expire',
          expiration: Duration.days(ACCESS_LOG_DAYS),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    this.bucket = new Bucket(this, 'Bucket', {
      ...closed,
      bucketName: cell.names.bucket,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One request to the key for many objects.
      bucketKeyEnabled: true,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'bucket/',
      lifecycleRules: LIFECYCLE,
      cors: [
        {
          // Pages load scenes and send photos by signed links; parts of an upload are told apart by their ETag.
          allowedOrigins: [`https://${cell.settings.host}`],
          allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.PUT, HttpMethods.POST, HttpMethods.DELETE],
          allowedHeaders: ['content-type', 'range'],
          exposedHeaders: ['ETag', 'Content-Length', 'Content-Range'],
          maxAge: 3600,
        },
      ],
    });
    allowFlowLogs(this.accessLogs, cell);
  }
}

/**
 * Nothing that the product still knows of is ever deleted here: it deletes files of jobs itself, at an age that counts
 * from a job's end (contracts/storage/retention.ts). These rules remove what it cannot see.
 */
const LIFECYCLE: LifecycleRule[] = [
  {
    id: 'uploads',
    prefix: layout.uploadsPrefix,
    // A day after the product has given the upload up.
    abortIncompleteMultipartUploadAfter: Duration.days(UPLOAD_DAYS + 1),
    transitions: [
      { storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(RARELY_READ_AFTER_DAYS) },
    ],
  },
  {
    id: 'jobs',
    prefix: layout.jobsPrefix,
    abortIncompleteMultipartUploadAfter: Duration.days(UPLOAD_DAYS + 1),
    transitions: [
      { storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(RARELY_READ_AFTER_DAYS) },
    ],
  },
  {
    id: 'old-versions',
    noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
    expiredObjectDeleteMarker: true,
  },
];

/** Flow logs of the network are delivered by a service of AWS, which needs to be let in. */
function allowFlowLogs(bucket: Bucket, cell: Cell): void {
  const delivery = new ServicePrincipal('delivery.logs.amazonaws.com');
  const forThisAccount = {
    StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    ArnLike: { 'aws:SourceArn': arn('logs', cell, '*') },
  };
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FlowLogs',
      principals: [delivery],
      actions: ['s3:PutObject'],
      resources: [`${bucket.bucketArn}/network/AWSLogs/${Aws.ACCOUNT_ID}/*`],
      conditions: forThisAccount,
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FlowLogsLook',
      principals: [delivery],
      actions: ['s3:GetBucketAcl', 's3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: forThisAccount,
    }),
  );
}
