interface Outcome {
  /** By Temporal, for as long as the policy allows. */
  readonly isRetried: boolean;
  readonly meaning: string;
}

/**
 * How calls and messages end that are not failures of a job (contracts/job/failures): types of failures in Temporal.
 * The table in docs/operations.md is made from this one.
 */
export const OUTCOMES = {
  MAIL_REJECTED: { isRetried: false, meaning: 'the mail server refused sender, recipient or message for good' },
  MAIL_DEFERRED: { isRetried: true, meaning: 'the mail server did not take the mail this time' },
  MAIL_EXPIRED: { isRetried: false, meaning: 'no mail server took the mail within `mailTimeoutMs`' },
  WEBHOOK_REJECTED: { isRetried: false, meaning: 'the receiver answered 410: it wants no more events' },
  WEBHOOK_DISABLED: {
    isRetried: false,
    meaning: 'the endpoint has taken nothing for days, and is disabled at this try; its tenant is told by mail',
  },
  WEBHOOK_DEFERRED: { isRetried: true, meaning: 'the receiver was not reached, or did not answer 2xx' },
  WEBHOOK_EXPIRED: { isRetried: false, meaning: 'no receiver took the event within `webhookTimeoutMs`' },
  STILL_RUNNING: { isRetried: true, meaning: 'a machine that was told to stop has not ended yet' },
  JOB_NOT_ENDED: { isRetried: false, meaning: "an erasure found the job's workflow open" },
  JOBS_UNCHANGED: { isRetried: true, meaning: 'no job of a batch has changed since it was looked at last' },
  CANCEL_REJECTED: { isRetried: false, meaning: 'the job cannot follow the update `cancel`; the message says why' },
  RETRY_REJECTED: { isRetried: false, meaning: 'the same for `retry`' },
  ACCEPT_REJECTED: { isRetried: false, meaning: 'the same for `accept`' },
  PAUSE_REJECTED: { isRetried: false, meaning: 'the same for `pause`' },
  RESUME_REJECTED: { isRetried: false, meaning: 'the same for `resume`' },
  CHANGE_REJECTED: { isRetried: false, meaning: 'the same for `change`' },
} as const satisfies Record<string, Outcome>;

export type OutcomeCode = keyof typeof OUTCOMES;

/** Codes that are made of the name of a channel or a command. */
export const upperCase = <T extends string>(text: T): Uppercase<T> => text.toUpperCase() as Uppercase<T>;

/** The table of docs/operations.md, in Markdown. */
export function outcomeTable(): string {
  const rows = Object.entries(OUTCOMES).map(
    ([code, { isRetried, meaning }]) => `| \`${code}\` | ${isRetried ? 'yes' : 'no'} | ${meaning} |\n`,
  );
  return `| type | tried again | meaning |\n| --- | --- | --- |\n${rows.join('')}`;
}
