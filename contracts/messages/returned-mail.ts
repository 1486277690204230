import { JOB_ID_PATTERN } from '../machines/names';
import { isRecord } from './parsed';

/** A mail about a job that was taken by a mail server and came back, or that SES refused itself. Holds no address. */
export interface ReturnedMail {
  readonly jobId: string;
  /** Of the notification that the mail was. */
  readonly eventId: string;
  /** Why, in SES's own words for kinds of that: `Permanent, General, 5.1.1`. */
  readonly why: string;
}

/** Header of each mail about a job, by which mail programs and this know which one it is. */
export const REFERENCE_HEADER = 'X-Entity-Ref-ID';

/** What other mail servers say of an address is free text, which may name it: only words of SES's own lists pass. */
const WORD = /^[A-Za-z]{1,40}$|^[245]\.\d{1,3}\.\d{1,3}$/;

/**
 * A line of the log of events (EventBridge's, of SES: "Email Bounced", "Email Rejected"); null where it is another one,
 * or of a mail that is about no job. Source: SES developer guide, "Contents of event data that SES publishes".
 */
export function parseReturnedMail(line: string): ReturnedMail | null {
  const event = parsed(line);
  const detail = isRecord(event) && event.source === 'aws.ses' && isRecord(event.detail) ? event.detail : {};
  if (detail.eventType !== 'Bounce' && detail.eventType !== 'Reject') return null;
  const eventId = referenceOf(detail.mail);
  const [jobId = ''] = eventId.split('-');
  if (!JOB_ID_PATTERN.test(jobId) || !/^\w+-[a-z]+-\d+$/.test(eventId)) return null;
  const bounce = isRecord(detail.bounce) ? detail.bounce : {};
  const [recipient] = Array.isArray(bounce.bouncedRecipients) ? (bounce.bouncedRecipients as unknown[]) : [];
  const status = isRecord(recipient) ? recipient.status : null;
  const words = [bounce.bounceType, bounce.bounceSubType, status].filter(
    (word): word is string => typeof word === 'string' && WORD.test(word),
  );
  return { jobId, eventId, why: words.length === 0 ? 'refused by SES' : words.join(', ') };
}

function referenceOf(mail: unknown): string {
  const headers: unknown[] = isRecord(mail) && Array.isArray(mail.headers) ? mail.headers : [];
  const header = headers.find((each) => isRecord(each) && each.name === REFERENCE_HEADER);
  return isRecord(header) && typeof header.value === 'string' ? header.value : '';
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
