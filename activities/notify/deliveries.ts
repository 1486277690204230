import type { S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import type { DeliveryRecord } from '../../contracts/messages/notifications';
import { layout } from '../../contracts/storage/layout';
import { writeJson } from '../../platform/s3-objects';
import { countDelivery } from './counted';

export interface DeliveryDeps {
  readonly s3: S3Client;
  readonly bucket: string;
}

export interface DeliveryActivities {
  /** Writes how one notification ended into the job's folder; safe to repeat. */
  recordDelivery(jobId: string, delivery: DeliveryRecord): Promise<void>;
}

export function createDeliveryActivities({ s3, bucket }: DeliveryDeps): DeliveryActivities {
  return {
    async recordDelivery(jobId, delivery) {
      const key = layout.delivery(jobId, `${delivery.channel}-${delivery.eventId}`);
      await writeJson(s3, { bucket, key }, delivery, cancellationSignal());
      countDelivery(delivery);
    },
  };
}
