import { jobIdOf, type ScriptedJob, type ScriptedStack } from './scripted-stack';

/** Starts the test's job; it is known by `jobId` before. */
export type Start = (job?: Omit<ScriptedJob, 'key'>) => Promise<string>;

/** Tests that run side by side on one stack, each with a job of its own and the faults that befall its machines. */
export class SideBySide {
  private readonly faults: object[] = [];
  private jobs = 0;

  constructor(private readonly product: () => ScriptedStack) {}

  test(name: string, check: (start: Start, jobId: string) => Promise<void>, ...faults: readonly object[]): void {
    const key = `test-${(this.jobs += 1)}`;
    const jobId = jobIdOf(key);
    this.faults.push(...faults.map((fault) => ({ jobName: `*-${jobId}-*`, ...fault })));
    test.concurrent(name, () => check((job) => this.product().startJob({ ...job, key }), jobId));
  }

  /** Before the first test: a plan that is written anew forgets what it has counted. */
  plan(): Promise<void> {
    return this.product().plan(...this.faults);
  }
}
