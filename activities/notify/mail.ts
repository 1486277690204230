import type { JobRecord } from '../../contracts/job/record';
import { completeRecord } from '../../contracts/job/stored-record';
import { jobMessage, type TemporalPlace } from './mail-messages';
import { createMailer, type MailerDeps } from './mailer';

export interface MailDeps extends MailerDeps {
  /** What the commands in mails name. */
  readonly temporal: TemporalPlace;
}

export interface MailInput {
  /** As the job's workflow knew it, maybe one of an earlier version. */
  readonly record: JobRecord;
  readonly pageUrl: string;
  /** Same for each try of one message, so that a mail program shows it once. */
  readonly eventId: string;
}

export interface MailActivities {
  /** Sends the one mail that tells a person how a job stands; returns and throws as a `Mailer` does. */
  sendMail(mail: MailInput): Promise<string>;
}

export function createMailActivities({ temporal, ...deps }: MailDeps): MailActivities {
  const send = createMailer(deps);
  return {
    sendMail({ record, pageUrl, eventId }) {
      const message = jobMessage(completeRecord(record), pageUrl, temporal);
      return send(record.request.email, message, eventId);
    },
  };
}
