import type { Client } from '@temporalio/client';
import { createBatchActivities, type BatchActivities } from '../activities/batch/members';
import { createArtifactActivities, type ArtifactActivities } from '../activities/results/artifacts';
import { createAttemptLogActivities, type AttemptLogActivities } from '../activities/machines/attempt-logs';
import { createMachineJobActivities, type MachineJobActivities } from '../activities/machines/machine-jobs';
import { createNoteDeed } from '../activities/deeds';
import { createTellOfMachine } from '../activities/machines/machine-told';
import { createErasureActivities, type ErasureActivities } from '../activities/upkeep/erasure';
import { createBudgetMailActivities, type BudgetMailActivities } from '../activities/notify/budget-mail';
import { createDeliveryActivities, type DeliveryActivities } from '../activities/notify/deliveries';
import { createBatchMailActivities, type BatchMailActivities } from '../activities/notify/batch-mail';
import { createEndpointMailActivities, type EndpointMailActivities } from '../activities/notify/endpoint-mail';
import { createEndpointActivities, type EndpointActivities } from '../activities/notify/endpoints';
import { createMailActivities, type MailActivities } from '../activities/notify/mail';
import { createPhotoActivities, type PhotoActivities } from '../activities/intake/photos';
import { createRecordRepairActivities, type RecordRepairActivities } from '../activities/upkeep/record-repair';
import { createRetentionActivities, type RetentionActivities } from '../activities/upkeep/retention';
import { createStrayActivities, type StrayActivities } from '../activities/upkeep/strays';
import { createWebhookActivities, type WebhookActivities } from '../activities/notify/webhooks';
import { createScheduledJobActivities, type ScheduledJobActivities } from '../activities/schedules/scheduled-jobs';
import { createWorkflowRunActivities, type WorkflowRunActivities } from '../activities/workflow-runs';
import { createLogsClient, createS3Client, createSageMakerClient } from '../platform/aws-clients';
import type { Config } from '../platform/config';
import { createBatchStore } from '../platform/batch-store';
import { createMailTransport } from '../platform/mail/mail-transport';
import { createAuditLog } from '../platform/audit/audit-log';
import { createRecordStore } from '../platform/record-store';
import { createUsedUpBudgets } from '../platform/used-up-budgets';
import type { Tracer } from '../platform/tracing/tracer';
import { createDeliveryLog } from '../platform/webhooks/delivery-log';
import { createEndpointFailureLog } from '../platform/webhooks/endpoint-failure-log';
import { createRegisteredEndpoints } from '../platform/webhooks/registered-endpoints';

/** The activities of jobs and of batches, by the task queue that serves them. */
export interface QueuedActivities {
  readonly control: Pick<MachineJobActivities, 'submitJob' | 'stopJob' | 'confirmEnd'> &
    AttemptLogActivities &
    ArtifactActivities &
    BatchActivities &
    ScheduledJobActivities &
    WorkflowRunActivities;
  readonly watch: Pick<MachineJobActivities, 'watchJob'>;
  readonly photos: PhotoActivities;
  readonly delivery: MailActivities &
    BatchMailActivities &
    BudgetMailActivities &
    WebhookActivities &
    DeliveryActivities &
    EndpointActivities &
    EndpointMailActivities;
}

/** What looks after all jobs at once, and after what ended ones leave; on the queue `control`. */
export type HousekeepingActivities = StrayActivities & RecordRepairActivities & RetentionActivities & ErasureActivities;

/** Builds every activity's dependencies from the configuration. */
export function createActivities(
  config: Config,
  client: Client,
  tracer: Tracer | null = null,
): QueuedActivities & { readonly control: HousekeepingActivities } {
  const s3 = createS3Client(config);
  const sagemaker = createSageMakerClient(config);
  const { bucket, inputBuckets, roleArn, kmsKeyArn, images, mailFrom, webhooks } = config;
  const records = createRecordStore({ s3, bucket });
  const batches = createBatchStore({ s3, bucket });
  const usedUpBudgets = createUsedUpBudgets({ s3, bucket });
  const mailer = { transport: createMailTransport(config), from: mailFrom };
  const endpoints = createRegisteredEndpoints({ s3, bucket });
  const failures = createEndpointFailureLog({ s3, bucket });
  const logs = createLogsClient(config);
  const note = createNoteDeed(createAuditLog({ s3, bucket }));
  const tellOfMachine = createTellOfMachine({ tracer, sagemaker, s3, bucket });
  const { submitJob, watchJob, stopJob, confirmEnd } = createMachineJobActivities({
    sagemaker,
    logs,
    s3,
    environment: { bucket, roleArn, images, kmsKeyArn },
  });
  return {
    control: {
      submitJob,
      stopJob,
      confirmEnd,
      ...createAttemptLogActivities({ logs, s3, bucket, tellOfMachine }),
      ...createArtifactActivities({ s3, bucket, records }),
      ...createBatchActivities({ batches, records, usedUpBudgets, client, note }),
      ...createScheduledJobActivities({ s3, records, client, note, config }),
      ...createWorkflowRunActivities({ client }),
      ...createStrayActivities({ sagemaker, client, note }),
      ...createRecordRepairActivities({ records, sagemaker, client, note }),
      ...createRetentionActivities({ s3, bucket, records, client, note }),
      ...createErasureActivities({ s3, bucket, records, batches, sagemaker, client }),
    },
    watch: { watchJob },
    photos: createPhotoActivities({ s3, bucket, inputBuckets, usedUpBudgets }),
    delivery: {
      ...createMailActivities({
        ...mailer,
        temporal: { address: config.publicTemporalAddress, namespace: config.temporalNamespace },
      }),
      ...createBatchMailActivities({ ...mailer, batches, records }),
      ...createBudgetMailActivities(mailer),
      ...createWebhookActivities({ rules: webhooks }),
      ...createDeliveryActivities({ s3, bucket }),
      ...createEndpointActivities({
        rules: webhooks,
        masterKey: webhooks.masterKey,
        endpoints,
        log: createDeliveryLog({ s3, bucket }),
        failures,
      }),
      ...createEndpointMailActivities({ ...mailer, endpoints, failures, publicUrl: config.publicUrl }),
    },
  };
}
