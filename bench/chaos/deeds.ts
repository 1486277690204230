import { appendFile } from 'node:fs/promises';

/** What was done to a job from outside, and what the product answered. */
export interface Deed {
  readonly jobId: string;
  readonly what: 'start' | 'cancel' | 'terminate' | 'retry' | 'accept' | 'pause' | 'resume';
  readonly way: 'api' | 'signal' | 'server';
  readonly atMs: number;
  /** HTTP status; null for what went to Temporal directly and was taken. */
  readonly status: number | null;
  /** The state that the API said the job would be in. */
  readonly state: string | null;
  /** Why it was refused, or what else was said. */
  readonly note: string | null;
  /** Of a retry; null where it named none. */
  readonly fromStage?: string | null;
}

/** Deeds in their order, in memory and a line of JSON each in a file. */
export class DeedLog {
  readonly deeds: Deed[] = [];

  constructor(private readonly file: string) {}

  async note(deed: Deed): Promise<void> {
    this.deeds.push(deed);
    await appendFile(this.file, `${JSON.stringify(deed)}\n`);
  }
}
