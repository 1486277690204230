import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { JobPlan } from '../chaos/job-plan';
import type { Product } from '../chaos/product';

/** How a job went for the person who sent it. */
export interface Outcome {
  readonly jobId: string;
  /** Null where it was never started, or has not ended in time. */
  readonly state: JobView['state'] | null;
  readonly failure: string | null;
  /** From the upload's end to the job's end. */
  readonly seconds: number;
  /** Of the answer to the start. */
  readonly startMs: number;
  readonly retries: number;
}

const LOOK_EVERY_MS = 2000;
const AGAIN_AFTER_MS = 500;
const ANSWER_WITHIN_MS = 20_000;
const PATIENCE_MS = 10 * 60_000;
/** Then the job is left to its deadline. */
const MAX_RETRIES = 3;

/** Sends photos, starts the job and looks at it until its end, through the API; a job that is parked is retried. */
export async function seeThrough(plan: JobPlan, product: Product): Promise<Outcome> {
  const call = callerOf(product.stack.endpoints.server, product.keys[plan.tenant]);
  const s3Url = await product.uploadPhotos(plan.uploadPrefix);
  const startedMs = performance.now();
  const until = AbortSignal.timeout(PATIENCE_MS);
  let startMs = 0;
  let retries = 0;
  let view: JobView | null = null;
  try {
    const body = { ...plan.request, s3Url, email: 'pilot@example.com' };
    await call('POST', '/v1/jobs', until, body, { 'idempotency-key': plan.key });
    startMs = performance.now() - startedMs;
    for (;;) {
      view = (await call('GET', `/v1/jobs/${plan.jobId}`, until)) as JobView;
      if (isFinal(view.state)) break;
      if (view.state === 'parked' && retries < MAX_RETRIES) {
        retries += 1;
        await call('POST', `/v1/jobs/${plan.jobId}/retry`, until, {});
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: until });
    }
  } catch (error) {
    if (!until.aborted) throw error;
  }
  const state = view !== null && isFinal(view.state) ? view.state : null;
  const seconds = (performance.now() - startedMs) / 1000;
  return { jobId: plan.jobId, state, failure: view?.failure?.code ?? null, seconds, startMs, retries };
}

type Call = (method: string, path: string, until: AbortSignal, body?: object, headers?: object) => Promise<unknown>;

/** Asks again while the server does not answer or says that it cannot now. */
const callerOf =
  (server: string, key: string): Call =>
  async (method, path, until, body, headers) => {
    for (;;) {
      const answer = await fetch(`${server}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.any([until, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      }).catch((error: unknown) => {
        if (until.aborted) throw error;
        return null;
      });
      if (answer?.ok) return answer.json();
      // Somebody else was quicker, or the job.
      if (answer?.status === 409 && path.endsWith('/retry')) return null;
      if (answer !== null && answer.status < 500 && answer.status !== 429 && answer.status !== 409)
        throw new Error(`${method} ${path} answers ${answer.status}: ${await answer.text()}`);
      await sleep(AGAIN_AFTER_MS, undefined, { signal: until });
    }
  };
