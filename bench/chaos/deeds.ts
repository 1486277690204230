import { appendFile } from 'node:fs/promises';
import type { Deed } from './audit/evidence';

/** Deeds in their order, in memory and a line of JSON each in a file. */
export class DeedLog {
  readonly deeds: Deed[] = [];

  constructor(private readonly file: string) {}

  async note(deed: Deed): Promise<void> {
    this.deeds.push(deed);
    await appendFile(this.file, `${JSON.stringify(deed)}\n`);
  }
}
