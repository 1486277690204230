import { cancellationSignal } from '@temporalio/activity';
import { requestOf } from '../../contracts/batch/record';
import { jobName } from '../../contracts/job/words';
import type { BatchStore } from '../../platform/batch-store';
import { bounded } from '../../platform/bounded';
import type { RecordStore } from '../../platform/record-store';
import { batchMessage, type SummaryLine } from './batch-message';
import { createMailer, type MailerDeps } from './mailer';

export interface BatchMailDeps extends MailerDeps {
  readonly batches: Pick<BatchStore, 'read'>;
  readonly records: Pick<RecordStore, 'read'>;
}

export interface BatchMailActivities {
  /**
   * Sends the one mail about all jobs of a batch, as they stand at that moment; returns and throws as a `Mailer` does.
   * Nothing is sent where there is no address any more, since every job was erased.
   * @param mail.messageId the same for each try
   */
  sendBatchMail(mail: {
    readonly batchId: string;
    readonly publicUrl: string;
    readonly messageId: string;
  }): Promise<string>;
}

const READS_AT_ONCE = 8;

export function createBatchMailActivities({ batches, records, ...deps }: BatchMailDeps): BatchMailActivities {
  const send = createMailer(deps);
  return {
    async sendBatchMail({ batchId, publicUrl, messageId }) {
      const batch = await batches.read(batchId, cancellationSignal());
      if (batch === null || batch.email === '') return 'nobody is to be told any more';
      const inTurn = bounded(READS_AT_ONCE);
      const lines = await Promise.all(
        batch.members.map((member) =>
          inTurn(async (): Promise<SummaryLine> => {
            const record = (await records.read(member.jobId, cancellationSignal()))?.record ?? null;
            const request = record?.request ?? requestOf(batch, member);
            return { jobId: member.jobId, name: request === null ? '' : jobName(request), record };
          }),
        ),
      );
      return send(batch.email, batchMessage(batch, lines, publicUrl), messageId);
    },
  };
}
