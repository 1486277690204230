import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { Deed } from './audit/evidence';
import type { DeedLog } from './deeds';
import { TENANTS, type JobPlan, type Tenant } from './job-plan';

/** What the person needs of the product: its API, and Temporal for what can be done there too. */
export interface Reach {
  readonly server: string;
  /** API keys. */
  readonly keys: Readonly<Record<Tenant, string>>;
  readonly temporal: Client;
  uploadPhotos(prefix: string): Promise<string>;
  webhookUrl(jobId: string): string;
}

/** Of a message to the job. */
interface Payload {
  readonly fromStage?: string;
  readonly reason?: string;
  readonly by?: string;
}

interface Answer {
  /** Null for what went to Temporal directly and was taken. */
  readonly status: number | null;
  readonly body: { readonly state?: string; readonly detail?: string; readonly note?: string | null };
}

const LOOK_EVERY_MS = 800;
const AGAIN_AFTER_MS = 400;
const ANSWER_WITHIN_MS = 20_000;
/** Retries of a parked job; then it is given up by a cancel. */
const MAX_RETRIES = 3;

/**
 * The person who has sent the photos: starts the job, looks at it, and does what the plan says until it has ended for
 * good.
 */
export class Person {
  /** What is still to be done at a time of its own. */
  private readonly diary: { readonly atMs: number; readonly onMachine: boolean; act(): Promise<void> }[] = [];
  private retries = 0;
  private hasRetriedEnded = false;
  /** The parking that was reacted to, by its deadline. */
  private parkingSeen: string | null = null;
  /** The question that was reacted to, by when it was asked. */
  private questionSeen: string | null = null;
  private resumesAtMs = 0;

  constructor(
    private readonly plan: JobPlan,
    private readonly reach: Reach,
    private readonly log: DeedLog,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when the job has ended and nothing more is going to be done; rejects when `signal` aborts first. */
  async seeThrough(): Promise<void> {
    const s3Url = await this.reach.uploadPhotos(this.plan.uploadPrefix);
    await this.start(s3Url);
    this.fillDiary(s3Url);
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.signal });
      const view = await this.look();
      const ended = isFinal(view.state);
      const isDue = ({ atMs, onMachine }: (typeof this.diary)[number]): boolean =>
        atMs <= Date.now() && (!onMachine || view.stageProgress !== null);
      for (const entry of this.diary.filter((each) => ended || isDue(each))) {
        this.diary.splice(this.diary.indexOf(entry), 1);
        await entry.act();
      }
      if (view.pauseRequested && Date.now() >= this.resumesAtMs) await this.tell('resume', {});
      if (view.state === 'parked') this.reactToParking(view);
      if (view.waiting?.for === 'decision') this.reactToQuestion(view.waiting.since);
      if (ended && this.diary.length === 0 && !(await this.retriedAfterEnd(view))) return;
    }
  }

  /** What people of other tenants come to see or do of the job with their own keys: nothing, or it is said. */
  async strangersSee(): Promise<string[]> {
    const { jobId, tenant } = this.plan;
    const job = `/v1/jobs/${jobId}`;
    const tries: [method: string, address: string][] = [
      ['GET', job],
      ['GET', `${job}/events`],
      ['GET', `/v1/events?job=${jobId}`],
      ['GET', `${job}/logs`],
      ['GET', `${job}/artifacts/report.json`],
      ['GET', `${job}/scene/scene.sog`],
      ['GET', `${job}/annotations`],
      ['GET', `${job}/shares`],
      ['POST', `${job}/cancel`],
      ['POST', `${job}/retry`],
      ['POST', `${job}/accept`],
      ['POST', `${job}/pause`],
      ['DELETE', job],
    ];
    const seen: string[] = [];
    for (const stranger of TENANTS.filter((other) => other !== tenant))
      for (const [method, address] of tries) {
        const { status } = await this.ask(method, address, method === 'GET' ? undefined : {}, this.keyOf(stranger));
        if (status !== 404) seen.push(`${method} ${address} answers ${status} to ${stranger}`);
      }
    return seen;
  }

  private keyOf(tenant: Tenant): Record<string, string> {
    return { authorization: `Bearer ${this.reach.keys[tenant]}` };
  }

  private fillDiary(s3Url: string): void {
    const { cancel, terminatesAfterMs, pause, repeatsStartAfterMs } = this.plan.person;
    if (cancel !== null) this.plans(cancel.afterMs, () => this.cancel(cancel.way), cancel.onMachine);
    if (terminatesAfterMs !== null)
      this.plans(terminatesAfterMs, () =>
        this.atTemporal('terminate', 'server', (handle) => handle.terminate('chaos')),
      );
    if (repeatsStartAfterMs !== null) this.plans(repeatsStartAfterMs, () => this.start(s3Url));
    if (pause === null) return;
    this.resumesAtMs = Date.now() + pause.afterMs + pause.forMs;
    this.plans(pause.afterMs, () => this.tell('pause', {}));
  }

  private plans(afterMs: number, act: () => Promise<void>, onMachine = false): void {
    this.diary.push({ atMs: Date.now() + afterMs, onMachine, act });
  }

  private reactToParking({ parkedUntil }: JobView): void {
    const { whenParked } = this.plan.person;
    if (parkedUntil === this.parkingSeen) return;
    this.parkingSeen = parkedUntil;
    if (whenParked !== null && this.retries < MAX_RETRIES) {
      this.retries += 1;
      this.plans(whenParked.afterMs, () => this.retry(whenParked.way, whenParked.fromStage));
    } else if (this.isPatient) this.plans(0, () => this.cancel('api'));
  }

  private reactToQuestion(since: string): void {
    const { whenUndecided } = this.plan.person;
    if (since === this.questionSeen) return;
    this.questionSeen = since;
    if (whenUndecided !== null) {
      const { what, way, afterMs } = whenUndecided;
      this.plans(afterMs, () => (what === 'cancel' ? this.cancel(way) : this.accept(way)));
    } else if (this.isPatient) this.plans(0, () => this.accept('api'));
  }

  /** Whether the job waits longer than anybody looks at it. */
  private get isPatient(): boolean {
    return this.plan.request.retryWindowSeconds > 60;
  }

  private async retriedAfterEnd({ state }: JobView): Promise<boolean> {
    if (state === 'succeeded' || !this.plan.person.retriesEnded || this.hasRetriedEnded) return false;
    this.hasRetriedEnded = true;
    await this.retry('api', null);
    return true;
  }

  private async start(s3Url: string): Promise<void> {
    const { jobId, request, webhook } = this.plan;
    const body = {
      s3Url,
      email: `pilot-${jobId}@example.com`,
      ...request,
      ...(webhook === null ? {} : { webhookUrl: this.reach.webhookUrl(jobId) }),
    };
    const answer = await this.ask('POST', '/start-job', body, { 'idempotency-key': this.plan.key });
    await this.note('start', answer);
    if (answer.status !== 202 && answer.status !== 200) throw new Error(`it was refused: ${JSON.stringify(answer)}`);
  }

  private async look(): Promise<JobView> {
    const { status, body } = await this.ask('GET', `/v1/jobs/${this.plan.jobId}`);
    if (status !== 200) throw new Error(`it is not to be seen: ${JSON.stringify(body)}`);
    return body as unknown as JobView;
  }

  private cancel(way: Deed['way']): Promise<void> {
    const payload = { reason: `chaos, ${way}`, by: 'chaos' };
    if (way === 'server') return this.atTemporal('cancel', way, (handle) => handle.cancel());
    return this.send('cancel', way, payload);
  }

  private accept(way: 'api' | 'signal'): Promise<void> {
    return this.send('accept', way, { by: 'chaos' });
  }

  private retry(way: 'api' | 'signal', fromStage: string | null): Promise<void> {
    return this.send('retry', way, fromStage === null ? {} : { fromStage });
  }

  private send(what: 'cancel' | 'accept' | 'retry', way: 'api' | 'signal', payload: Payload): Promise<void> {
    if (way === 'api') return this.tell(what, payload);
    const more = what === 'retry' ? { fromStage: payload.fromStage ?? null } : {};
    return this.atTemporal(what, way, (handle) => handle.signal(what, payload), more);
  }

  private async tell(what: Exclude<Deed['what'], 'start'>, payload: Payload): Promise<void> {
    const answer = await this.ask('POST', `/v1/jobs/${this.plan.jobId}/${what}`, payload);
    await this.note(what, answer, { fromStage: payload.fromStage ?? null });
  }

  private async atTemporal(
    what: Deed['what'],
    way: Deed['way'],
    act: (handle: WorkflowHandle) => Promise<unknown>,
    more: Partial<Deed> = {},
  ): Promise<void> {
    for (;;) {
      try {
        await act(this.reach.temporal.workflow.getHandle(`job-${this.plan.jobId}`));
        await this.note(what, { status: null, body: {} }, { way, ...more });
        return;
      } catch (error) {
        const { name, message: detail } = error as Error;
        if (name !== 'WorkflowNotFoundError') {
          await sleep(AGAIN_AFTER_MS, undefined, { signal: this.signal });
          continue;
        }
        await this.note(what, { status: 404, body: { detail } }, { way, ...more });
        return;
      }
    }
  }

  /** Notes what was done, over the API unless `more` says otherwise. */
  private note(what: Deed['what'], { status, body }: Answer, more: Partial<Deed> = {}): Promise<void> {
    return this.log.note({
      jobId: this.plan.jobId,
      what,
      way: 'api',
      atMs: Date.now(),
      status,
      state: body.state ?? null,
      note: body.detail ?? body.note ?? null,
      ...more,
    });
  }

  /** Asks until there is an answer: a server that is being restarted is asked again, with the same words. */
  private async ask(
    method: string,
    address: string,
    payload?: object,
    given: Record<string, string> = {},
  ): Promise<Answer> {
    const headers = { ...this.keyOf(this.plan.tenant), ...given };
    for (;;) {
      this.signal.throwIfAborted();
      try {
        const response = await fetch(`${this.reach.server}${address}`, {
          method,
          headers: payload === undefined ? headers : { 'content-type': 'application/json', ...headers },
          body: payload === undefined ? null : JSON.stringify(payload),
          signal: AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
        });
        const { status } = response;
        const body = (await response.json()) as Answer['body'];
        if (status < 500 && status !== 429) return { status, body };
      } catch {
        // The connection was refused or broke, or the answer was cut off.
      }
      await sleep(AGAIN_AFTER_MS, undefined, { signal: this.signal });
    }
  }
}
