import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { Deed, DeedLog } from './deeds';
import type { JobPlan } from './job-plan';

/** What the person needs of the product: its API, and Temporal for what can be done there too. */
export interface Reach {
  readonly server: string;
  readonly temporal: Client;
  uploadPhotos(prefix: string): Promise<string>;
  webhookUrl(jobId: string): string;
}

interface Answer {
  readonly status: number;
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
  private readonly diary: { readonly atMs: number; readonly onMachine?: boolean; act(): Promise<void> }[] = [];
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
    this.fillDiary(s3Url, Date.now());
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.signal });
      const view = await this.look();
      const ended = isFinal(view.state);
      const isDue = ({ atMs, onMachine = false }: (typeof this.diary)[number]): boolean =>
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

  private fillDiary(s3Url: string, nowMs: number): void {
    const { cancel, terminatesAfterMs, pause, repeatsStartAfterMs } = this.plan.person;
    if (cancel !== null)
      this.diary.push({
        atMs: nowMs + cancel.afterMs,
        onMachine: cancel.onMachine,
        act: () => this.cancel(cancel.way),
      });
    if (terminatesAfterMs !== null)
      this.diary.push({
        atMs: nowMs + terminatesAfterMs,
        act: () => this.atTemporal('terminate', 'server', (handle) => handle.terminate('chaos')),
      });
    if (repeatsStartAfterMs !== null)
      this.diary.push({ atMs: nowMs + repeatsStartAfterMs, act: () => this.start(s3Url) });
    if (pause === null) return;
    this.resumesAtMs = nowMs + pause.afterMs + pause.forMs;
    this.diary.push({ atMs: nowMs + pause.afterMs, act: () => this.tell('pause', {}) });
  }

  private reactToParking({ parkedUntil }: JobView): void {
    const { whenParked } = this.plan.person;
    if (parkedUntil === this.parkingSeen) return;
    this.parkingSeen = parkedUntil;
    if (whenParked !== null && this.retries < MAX_RETRIES) {
      this.retries += 1;
      this.diary.push({
        atMs: Date.now() + whenParked.afterMs,
        act: () => this.retry(whenParked.way, whenParked.fromStage),
      });
    } else if (this.isPatient) this.diary.push({ atMs: Date.now(), act: () => this.cancel('api') });
  }

  private reactToQuestion(since: string): void {
    const { whenUndecided } = this.plan.person;
    if (since === this.questionSeen) return;
    this.questionSeen = since;
    if (whenUndecided !== null) {
      const { what, way, afterMs } = whenUndecided;
      this.diary.push({
        atMs: Date.now() + afterMs,
        act: () => (what === 'cancel' ? this.cancel(way) : this.accept(way)),
      });
    } else if (this.isPatient) this.diary.push({ atMs: Date.now(), act: () => this.accept('api') });
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
    await this.note('start', 'api', answer);
    if (answer.status !== 202 && answer.status !== 200) throw new Error(`it was refused: ${JSON.stringify(answer)}`);
  }

  private async look(): Promise<JobView> {
    const { status, body } = await this.ask('GET', `/v1/jobs/${this.plan.jobId}`);
    if (status !== 200) throw new Error(`it is not to be seen: ${JSON.stringify(body)}`);
    return body as unknown as JobView;
  }

  private async cancel(way: Deed['way']): Promise<void> {
    const payload = { reason: `chaos, ${way}`, by: 'chaos' };
    if (way === 'api') return this.tell('cancel', payload);
    await this.atTemporal('cancel', way, (handle) =>
      way === 'signal' ? handle.signal('cancel', payload) : handle.cancel(),
    );
  }

  private async accept(way: 'api' | 'signal'): Promise<void> {
    if (way === 'api') return this.tell('accept', { by: 'chaos' });
    await this.atTemporal('accept', way, (handle) => handle.signal('accept', { by: 'chaos' }));
  }

  private async retry(way: 'api' | 'signal', fromStage: string | null): Promise<void> {
    const payload = fromStage === null ? {} : { fromStage };
    if (way === 'api') return this.tell('retry', payload);
    await this.atTemporal('retry', way, (handle) => handle.signal('retry', payload), { fromStage });
  }

  private async tell(
    what: Exclude<Deed['what'], 'start'>,
    payload: { readonly fromStage?: string; readonly reason?: string; readonly by?: string },
  ): Promise<void> {
    const answer = await this.ask('POST', `/v1/jobs/${this.plan.jobId}/${what}`, payload);
    await this.note(what, 'api', answer, { fromStage: payload.fromStage ?? null });
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
        await this.log.note({
          jobId: this.plan.jobId,
          what,
          way,
          atMs: Date.now(),
          status: null,
          state: null,
          note: null,
          ...more,
        });
        return;
      } catch (error) {
        const { name, message } = error as Error;
        if (name === 'WorkflowNotFoundError') {
          await this.log.note({
            jobId: this.plan.jobId,
            what,
            way,
            atMs: Date.now(),
            status: 404,
            state: null,
            note: message,
            ...more,
          });
          return;
        }
        await sleep(AGAIN_AFTER_MS, undefined, { signal: this.signal });
      }
    }
  }

  private note(
    what: Deed['what'],
    way: Deed['way'],
    { status, body }: Answer,
    more: Partial<Deed> = {},
  ): Promise<void> {
    return this.log.note({
      jobId: this.plan.jobId,
      what,
      way,
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
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    for (;;) {
      this.signal.throwIfAborted();
      try {
        const response = await fetch(`${this.reach.server}${address}`, {
          method,
          headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
        });
        const answer = { status: response.status, body: (await response.json()) as Answer['body'] };
        if (answer.status < 500 && answer.status !== 429) return answer;
      } catch {
        // The connection was refused or broke, or the answer was cut off.
      }
      await sleep(AGAIN_AFTER_MS, undefined, { signal: this.signal });
    }
  }
}
