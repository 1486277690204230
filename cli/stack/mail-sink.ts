import { setTimeout as sleep } from 'node:timers/promises';

/** A mail that the sink has received. */
export interface SunkMail {
  readonly to: string;
  readonly subject: string;
  /** Page of the mail in the sink. */
  readonly url: string;
}

const LOOK_EVERY_MS = 250;

/** Waits for the mail about a job, which is sent after the job has ended; null when none comes within `withinMs`. */
export async function waitForMail(
  sink: string,
  email: string,
  jobId: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<SunkMail | null> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const mail = await findMail(sink, email, jobId, signal);
    if (mail !== null || Date.now() > deadlineMs) return mail;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function findMail(sink: string, email: string, jobId: string, signal: AbortSignal): Promise<SunkMail | null> {
  const messages = (await (await fetch(`${sink}/messages`, { signal })).json()) as readonly {
    id: string;
    to: string[];
    subject: string;
  }[];
  for (const { id, subject } of messages.filter((message) => message.to.includes(email))) {
    const raw = await (await fetch(`${sink}/messages/${id}`, { signal })).text();
    // Quoted-printable breaks long lines, and with them a job id.
    if (raw.replaceAll('=\r\n', '').includes(jobId)) return { to: email, subject, url: `${sink}/messages/${id}/html` };
  }
  return null;
}
