import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { FaultRule } from './fault-rule';

/** What goes wrong on purpose, as the file has it at one moment. */
export interface FaultPlan<R extends FaultRule> {
  /** Another one each time the file is written, the same in every process that reads it: counts belong to it. */
  readonly id: string;
  readonly rules: readonly R[];
}

/** `{"faults": [rule, ...]}` in a file that may be written, or not be there, at any time. */
export class FaultPlanFile<R extends FaultRule> {
  private latest: FaultPlan<R> | undefined;

  constructor(
    private readonly file: string,
    private readonly rule: z.ZodType<R>,
  ) {}

  /** The plan of this moment. Throws an Error that says what is wrong with a file that is not a plan. */
  async read(): Promise<FaultPlan<R>> {
    const { text, modified } = await this.readText();
    const id = createHash('sha256').update(`${modified}\n${text}`).digest('hex').slice(0, 16);
    this.latest = this.latest?.id === id ? this.latest : { id, rules: this.parse(text) };
    return this.latest;
  }

  private async readText(): Promise<{ text: string; modified: bigint }> {
    // One handle: a file that is replaced meanwhile must not lend its time to the other's text.
    const handle = await open(this.file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (!handle) return { text: '{"faults":[]}', modified: 0n };
    try {
      return { modified: (await handle.stat({ bigint: true })).mtimeNs, text: await handle.readFile('utf8') };
    } finally {
      await handle.close();
    }
  }

  private parse(text: string): R[] {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      throw new Error(`The fault plan ${this.file} is not JSON: ${(error as Error).message}`);
    }
    const parsed = z.strictObject({ faults: z.array(this.rule) }).safeParse(json);
    if (!parsed.success) throw new Error(`The fault plan ${this.file} is not valid:\n${z.prettifyError(parsed.error)}`);
    return parsed.data.faults;
  }
}
