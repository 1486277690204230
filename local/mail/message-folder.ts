import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import PostalMime, { type Email } from 'postal-mime';

/** Sender and recipients of a message on the wire, which need not be those of its headers (Bcc). */
interface Envelope {
  from: string;
  to: readonly string[];
}

export interface MessageSummary {
  id: string;
  /** The envelope's recipients. */
  to: string[];
  from: string;
  subject: string;
  /** When it arrived, ISO 8601. */
  date: string;
  /** Bytes of the .eml file. */
  size: number;
}

/** `<time of arrival>-<sequence>-<hash of the Message-ID>`: sorts by arrival, tells repeated deliveries by the hash. */
const MESSAGE_ID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-\d{6}-[0-9a-f]{12}$/;
const EXTENSION = '.eml';

/** Messages as .eml files in one folder. A file is there whole or not at all, and never changes. */
export class MessageFolder {
  private sequence = 0;
  private readonly summaries = new Map<string, MessageSummary>();

  private constructor(private readonly folder: string) {}

  /** Creates the folder when missing and removes what a killed process left half-written. */
  static async open(folder: string): Promise<MessageFolder> {
    await mkdir(folder, { recursive: true });
    const drafts = (await readdir(folder)).filter((name) => name.startsWith('.draft-'));
    await Promise.all(drafts.map((name) => rm(path.join(folder, name), { force: true })));
    return new MessageFolder(folder);
  }

  /**
   * Keeps a message; the envelope goes before its headers as final delivery adds it (RFC 5321 section 4.4).
   * `accepted` is asked when all of it has been read. Nothing is kept when it says no or the stream fails.
   * @returns the message's id, or undefined when it was not accepted.
   */
  async save(message: Readable, envelope: Envelope, accepted: () => boolean): Promise<string | undefined> {
    const draft = path.join(this.folder, `.draft-${randomBytes(8).toString('hex')}`);
    const head = [
      `Return-Path: <${envelope.from}>`,
      ...envelope.to.map((address) => `Delivered-To: ${address}`),
      '',
    ].join('\r\n');
    try {
      await pipeline(async function* () {
        yield Buffer.from(head);
        yield* message as AsyncIterable<Buffer>;
      }, createWriteStream(draft));
      if (!accepted()) return undefined;
      const { messageId } = await PostalMime.parse(await readFile(draft));
      const id = this.nextId(messageId ?? '');
      await rename(draft, path.join(this.folder, id + EXTENSION));
      return id;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** The newest messages, newest first. */
  async list(limit: number): Promise<MessageSummary[]> {
    const ids = (await readdir(this.folder))
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length));
    const newest = ids
      .filter((id) => MESSAGE_ID.test(id))
      .sort()
      .reverse()
      .slice(0, limit);
    return Promise.all(newest.map((id) => this.summary(id)));
  }

  /** The .eml as received, or undefined when there is no such message. */
  async raw(id: string): Promise<Buffer | undefined> {
    if (!MESSAGE_ID.test(id)) return undefined;
    try {
      return await readFile(path.join(this.folder, id + EXTENSION));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The decoded HTML part; undefined when there is no such message or it has none. */
  async html(id: string): Promise<string | undefined> {
    const raw = await this.raw(id);
    return raw && (await PostalMime.parse(raw)).html;
  }

  private async summary(id: string): Promise<MessageSummary> {
    const known = this.summaries.get(id);
    if (known) return known;
    const raw = await readFile(path.join(this.folder, id + EXTENSION));
    const email = await PostalMime.parse(raw);
    const summary: MessageSummary = {
      id,
      to: headerValues(email, 'delivered-to'),
      from: headerValues(email, 'from')[0] ?? '',
      subject: email.subject ?? '',
      date: arrivalOf(id),
      size: raw.length,
    };
    this.summaries.set(id, summary);
    return summary;
  }

  private nextId(messageId: string): string {
    this.sequence = (this.sequence + 1) % 1_000_000;
    const time = new Date().toISOString().replace(/[-:.]/g, '');
    const hash = createHash('sha256').update(messageId).digest('hex').slice(0, 12);
    return `${time}-${String(this.sequence).padStart(6, '0')}-${hash}`;
  }
}

/** Encoded words in display names are decoded; addresses stay as they are. */
function headerValues(email: Email, name: string): string[] {
  return email.headers.filter(({ key }) => key === name).map(({ value }) => PostalMime.decodeWords(value));
}

function arrivalOf(id: string): string {
  return id.replace(MESSAGE_ID, '$1-$2-$3T$4:$5:$6.$7Z');
}
