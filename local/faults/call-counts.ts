import { appendFile, readFile } from 'node:fs/promises';
import { isDue, isUsedUp, type FaultRule } from './fault-rule';
import type { FaultPlan } from './fault-plan-file';

/**
 * How many matching calls each rule of a plan has met, a line a call on disk: an endpoint that was killed continues
 * where it was. One process at a time may use a file.
 */
export class CallCounts {
  private counts: Promise<Map<string, number>> | undefined;

  constructor(private readonly file: string) {}

  /** Counts one more matching call, and says whether the rule fires at it. */
  async isDue({ id }: FaultPlan<FaultRule>, index: number, rule: FaultRule): Promise<boolean> {
    const counts = await (this.counts ??= this.load());
    const key = `${id} ${index}`;
    const before = counts.get(key) ?? 0;
    if (isUsedUp(rule, before)) return false;
    counts.set(key, before + 1);
    await appendFile(this.file, `${key}\n`);
    return isDue(rule, before + 1);
  }

  private async load(): Promise<Map<string, number>> {
    const text = await readFile(this.file, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
    const counts = new Map<string, number>();
    for (const key of text.split('\n')) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }
}
