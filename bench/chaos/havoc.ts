import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { ComponentName } from '../../local/stack/components';
import type { Finding } from './audit/evidence';
import type { DeedLog } from './deeds';
import type { JobPlan } from './job-plan';
import type { PlannedKill } from './kill-plan';
import { Person, type Reach } from './person';
import type { Product } from './product';
import type { WebhookReceiver } from './webhook-receiver';

const LOOK_EVERY_MS = 100;
/** People do not come all at once. */
const LANE_APART_MS = 500;
/** A job that takes longer is worth a look, though nothing may be wrong with it. */
const LONG_SECONDS = 150;

/** Takes all jobs through the product while its processes are killed. */
export class Havoc {
  /** What went wrong in doing so; jobs that are not through when the time is up are for the audit to find. */
  readonly findings: Finding[] = [];
  killed = 0;
  /** Of those, the ones that the stack had to find out by itself. */
  componentsKilled = 0;
  private begun = 0;
  private ended = 0;

  constructor(
    private readonly product: Product,
    private readonly receiver: WebhookReceiver,
    private readonly deeds: DeedLog,
    private readonly say: (line: string) => void,
    private readonly patience: AbortSignal,
  ) {}

  /** Resolves when every job has ended for good and every kill is over, or the patience is. */
  async wreak(plans: readonly JobPlan[], kills: readonly PlannedKill[], atOnce: number): Promise<void> {
    const { stack } = this.product;
    const connection = await Connection.connect({ address: stack.endpoints.temporal });
    const reach: Reach = {
      server: stack.endpoints.server,
      keys: this.product.keys,
      temporal: new Client({ connection }),
      uploadPhotos: (prefix) => this.product.uploadPhotos(prefix),
      webhookUrl: (jobId) => this.receiver.urlFor(jobId),
    };
    const queue = plans.values();
    const lanes = Array.from({ length: Math.min(atOnce, plans.length) }, (_, index) =>
      this.runLane(queue, index * LANE_APART_MS, reach),
    );
    void stack.died.then(({ name, how, logFile }) =>
      this.revive(name as ComponentName, `the process ${name} ${how} by itself; see ${logFile}`),
    );
    try {
      await Promise.all([this.killAll(kills, plans.length), ...lanes]);
    } finally {
      await connection.close();
    }
  }

  /** One job after the other. */
  private async runLane(queue: Iterable<JobPlan>, afterMs: number, reach: Reach): Promise<void> {
    await sleep(afterMs);
    for (const plan of queue) {
      if (this.patience.aborted) return;
      this.begun += 1;
      const startedMs = Date.now();
      try {
        const person = new Person(plan, reach, this.deeds, this.patience);
        await person.seeThrough();
        for (const what of await person.strangersSee())
          this.findings.push({ count: 'seenByOthers', jobId: plan.jobId, what });
      } catch (error) {
        if (!this.patience.aborted)
          this.findings.push({ count: 'lost', jobId: plan.jobId, what: (error as Error).message });
      }
      this.ended += 1;
      const seconds = Math.round((Date.now() - startedMs) / 1000);
      if (seconds > LONG_SECONDS) this.say(`${plan.jobId} took ${seconds} s`);
      if (this.ended % 10 === 0) this.say(`${this.ended} jobs have ended`);
    }
  }

  /** Each kill when the work has come as far as its plan says. */
  private async killAll(kills: readonly PlannedKill[], jobs: number): Promise<void> {
    for (const { component, atProgress, downMs } of kills) {
      while ((this.begun + this.ended) / (2 * jobs) < atProgress && !this.patience.aborted) await sleep(LOOK_EVERY_MS);
      if (this.patience.aborted) return;
      this.say(`kill ${component}, ${downMs === null ? 'and tell nobody' : `down for ${downMs} ms`}`);
      this.killed += 1;
      if (downMs !== null) await this.product.killAndRestart(component, downMs);
      else if (await this.product.killUnannounced(component, this.patience)) this.componentsKilled += 1;
      else this.findings.push({ count: 'lost', jobId: null, what: `nobody started ${component} again` });
    }
  }

  /** As whoever looks after services does; that it was needed is wrong all the same. */
  private async revive(name: ComponentName, what: string): Promise<void> {
    this.findings.push({ count: 'disagreements', jobId: null, what });
    this.say(what);
    await this.product.stack
      .restart(name)
      .catch((error: unknown) => this.say(`${name} does not start again: ${(error as Error).message}`));
  }
}
