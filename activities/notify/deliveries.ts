import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import type { DeliveryRecord } from '../../contracts/messages/notifications';
import { layout } from '../../contracts/storage/layout';

export interface DeliveryDeps {
  readonly s3: S3Client;
  readonly bucket: string;
}

export interface DeliveryActivities {
  /** Writes down, beside the job's record, how one notification ended; safe to repeat. */
  recordDelivery(jobId: string, delivery: DeliveryRecord): Promise<void>;
}

export function createDeliveryActivities({ s3, bucket }: DeliveryDeps): DeliveryActivities {
  return {
    async recordDelivery(jobId, delivery) {
      const Key = layout.delivery(jobId, `${delivery.channel}-${delivery.eventId}`);
      const Body = JSON.stringify(delivery, null, 1);
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }), {
        abortSignal: cancellationSignal(),
      });
    },
  };
}
