import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const seconds = z.number().nonnegative();
const selection = {
  /** A part of a job's name, or a pattern of the whole name in which * stands for anything. */
  jobName: z.string().min(1),
  /** Such as CreateTrainingJob. Default: every operation that the kind can befall. */
  operation: z.string().min(1).optional(),
  /** The first matching call that the rule fires at; 1 is the first. */
  occurrence: z.int().positive().default(1),
  /** Calls in a row, from that one on. */
  times: z.int().positive().default(1),
};
const kind = <K extends string>(name: K) => z.strictObject({ kind: z.literal(name), ...selection });

const callRules = [
  kind('throttle'),
  kind('drop-answer'),
  kind('server-error'),
  kind('quota-zero'),
  kind('slow-logs').extend({ seconds }),
  kind('failing-logs'),
] as const;
const jobRules = [
  kind('capacity'),
  kind('internal-server-error').extend({ afterSeconds: seconds.default(0) }),
  kind('out-of-memory').extend({ afterSeconds: seconds.default(0) }),
  kind('stop-from-outside').extend({ afterSeconds: seconds.default(0) }),
  kind('slow-stop').extend({ seconds }),
] as const;
const planSchema = z.strictObject({ faults: z.array(z.discriminatedUnion('kind', [...callRules, ...jobRules])) });

/** Befalls one call. */
export type CallFault = z.infer<(typeof callRules)[number]>;
/** Befalls a job from its creation on; part of its record. */
export type JobFault = z.infer<(typeof jobRules)[number]>;
type Rule = CallFault | JobFault;

const JOB_KINDS_OF_FAULT: ReadonlySet<string> = new Set(jobRules.map(({ shape }) => shape.kind.value));
const isJobFault = (rule: Rule): rule is JobFault => JOB_KINDS_OF_FAULT.has(rule.kind);

/**
 * What goes wrong on purpose: `{"faults": [rule, ...]}` in a file that may be written, or not be there, at any time.
 * Calls are counted by rule, in memory, from when the file's text last changed. Each firing is a line of
 * `faults-fired.jsonl`; a fault of a job is noted at its Create, also where that is then refused or the job ends sooner.
 */
export class FaultPlan {
  private text = '';
  private rules: { rule: Rule; matched: number }[] = [];

  constructor(
    private readonly file: string,
    private readonly root: string,
  ) {}

  /** The faults of one call that are due now. Throws when the file is not a plan. */
  async callFaults(operation: string, jobName: string): Promise<CallFault[]> {
    return (await this.fire(operation, jobName, (rule) => !isJobFault(rule))) as CallFault[];
  }

  /** The faults that a job which `operation` is about to create is to meet. Throws when the file is not a plan. */
  async jobFaults(operation: string, jobName: string): Promise<JobFault[]> {
    return (await this.fire(operation, jobName, isJobFault)) as JobFault[];
  }

  private async fire(operation: string, jobName: string, concerns: (rule: Rule) => boolean): Promise<Rule[]> {
    await this.reread();
    const due: Rule[] = [];
    for (const entry of this.rules) {
      const { rule } = entry;
      if (!concerns(rule) || !befalls(rule, operation) || !matchesName(rule.jobName, jobName)) continue;
      entry.matched += 1;
      if (entry.matched >= rule.occurrence && entry.matched < rule.occurrence + rule.times) due.push(rule);
    }
    const time = new Date().toISOString();
    const lines = due.map((rule) => `${JSON.stringify({ kind: rule.kind, jobName, operation, time })}\n`);
    if (lines.length > 0) await appendFile(path.join(this.root, 'faults-fired.jsonl'), lines.join(''));
    return due;
  }

  private async reread(): Promise<void> {
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{"faults":[]}';
      throw error;
    });
    if (text === this.text) return;
    const { faults } = planSchema.parse(JSON.parse(text));
    this.text = text;
    this.rules = faults.map((rule) => ({ rule, matched: 0 }));
  }
}

function befalls({ kind: name, operation: wanted }: Rule, operation: string): boolean {
  if (wanted !== undefined && wanted !== operation) return false;
  if (name === 'slow-logs' || name === 'failing-logs') return operation === 'GetLogEvents' || operation === 'DescribeLogStreams';
  if (name === 'quota-zero' || JOB_KINDS_OF_FAULT.has(name)) return operation.startsWith('Create');
  return true;
}

function matchesName(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return name.includes(pattern);
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
