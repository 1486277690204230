import createClient, { type Client } from 'openapi-fetch';
import type { Terms } from '../../contracts/messages/signals';
import type { paths } from '../../contracts/generated/api';
import type { JobListEntry, JobView, StartedJob } from '../../contracts/job/view';
import type { JobState } from '../../contracts/job/state';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { problemSentence, type FieldProblem } from '../../contracts/messages/parsed';
import type { JobOptions } from '../../contracts/stages/options';
import type { Stage } from '../../contracts/stages/stage';

export type StartRequest = paths['/v1/jobs']['post']['requestBody']['content']['application/json'];

export type JobChanges = paths['/v1/jobs/{jobId}']['patch']['requestBody']['content']['application/json'];

/** What the server did with a message to a job. */
export interface MessageAnswer {
  readonly state: JobState;
  /** What a person should know beside the state. */
  readonly note: string | null;
}

/** The server refused a request; `message` is what its problem document says. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** After so many seconds it may be asked again; null where it does not say. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }
}

/**
 * A client of Spaceport's HTTP API, whose types come from the API's own description. All calls throw ApiError where the
 * server refuses, TypeError where it is not reached.
 */
export class SpaceportApi {
  /** Every route, as openapi-fetch calls it; `answered` gives the body of its answer. */
  readonly routes: Client<paths>;

  /**
   * @param address `http://host:port`, or `https://user:password@host`
   * @param key an API key; null where none is needed
   */
  constructor(address: string, key: string | null = null) {
    const url = new URL(address);
    const credentials = [url.username, url.password].map(decodeURIComponent).join(':');
    // One header for both: a proxy with a login of its own has to send the key itself.
    const login = credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
    const authorization = key === null ? login : `Bearer ${key}`;
    // fetch would refuse a login in the address, and print it.
    url.username = '';
    url.password = '';
    this.routes = createClient<paths>({
      baseUrl: url.href.replace(/\/+$/, ''),
      headers: authorization === null ? {} : { authorization },
    });
    this.routes.use({
      async onResponse({ response }) {
        if (response.status < 400) return;
        const wait = Number(response.headers.get('retry-after') ?? NaN);
        const sentence = explain(response.status, await response.text());
        throw new ApiError(response.status, sentence, Number.isFinite(wait) ? wait : null);
      },
    });
  }

  startJob(body: StartRequest): Promise<StartedJob> {
    return answered(this.routes.POST('/v1/jobs', { body }));
  }

  job(jobId: string, signal?: AbortSignal): Promise<JobView> {
    return answered(this.routes.GET('/v1/jobs/{jobId}', { ...job(jobId), ...within(signal) }));
  }

  /** Each snapshot of a job as it comes, until after the last one, or until the server ends the stream. */
  async *events(jobId: string, signal: AbortSignal): AsyncGenerator<JobSnapshot> {
    const stream = this.routes.GET('/v1/jobs/{jobId}/events', { ...job(jobId), signal, parseAs: 'stream' });
    for await (const { data } of serverSentEvents((await stream).response)) yield JSON.parse(data) as JobSnapshot;
  }

  /** A file of a result, as the storage answers it: the redirect has been followed. */
  async artifact(jobId: string, file: string, signal: AbortSignal): Promise<Response> {
    const params = { path: { jobId, file } };
    return (await this.routes.GET('/v1/jobs/{jobId}/artifacts/{file}', { params, signal, parseAs: 'stream' })).response;
  }

  async jobs(): Promise<readonly JobListEntry[]> {
    return (await answered(this.routes.GET('/v1/jobs'))).jobs;
  }

  /** Name, priority and start of a job: the job, or what follows where no worker answers yet. */
  change(jobId: string, body: JobChanges): Promise<JobView | MessageAnswer> {
    return answered(this.routes.PATCH('/v1/jobs/{jobId}', { ...job(jobId), body }));
  }

  cancel(jobId: string, reason?: string): Promise<MessageAnswer> {
    const body = { by: BY, ...(reason !== undefined && { reason }) };
    return answered(this.routes.POST('/v1/jobs/{jobId}/cancel', { ...job(jobId), body }));
  }

  /** A yes to a result that the job asks about. */
  accept(jobId: string): Promise<MessageAnswer> {
    return answered(this.routes.POST('/v1/jobs/{jobId}/accept', { ...job(jobId), body: { by: BY } }));
  }

  pause(jobId: string): Promise<MessageAnswer> {
    return answered(this.routes.POST('/v1/jobs/{jobId}/pause', { ...job(jobId), body: {} }));
  }

  resume(jobId: string): Promise<MessageAnswer> {
    return answered(this.routes.POST('/v1/jobs/{jobId}/resume', { ...job(jobId), body: {} }));
  }

  retry(
    jobId: string,
    fromStage: Stage | null,
    changes: Terms & { readonly options?: JobOptions } = {},
  ): Promise<MessageAnswer> {
    const body = { ...changes, ...(fromStage !== null && { fromStage }) };
    return answered(this.routes.POST('/v1/jobs/{jobId}/retry', { ...job(jobId), body: body as Record<string, never> }));
  }

  /** Erases an ended job; resolves with what remains of it. */
  async erase(jobId: string): Promise<string> {
    return (await answered(this.routes.DELETE('/v1/jobs/{jobId}', { ...job(jobId), body: {} }))).remains;
  }
}

/** Who sent a message, for the job's record. */
export const BY = 'the CLI';

const job = (jobId: string) => ({ params: { path: { jobId } } });
const within = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

/** The body of an answer; problems have been thrown before. */
export async function answered<T>(call: Promise<{ readonly data?: T; readonly response: Response }>): Promise<T> {
  return (await call).data as T;
}

/** A server-sent event; `type` is "message" where it has no other. */
export interface ServerSentEvent {
  readonly type: string;
  readonly id: string | null;
  readonly data: string;
}

/** The events of a stream that have data; comments and other fields are passed over. */
export async function* serverSentEvents({ body }: Response): AsyncGenerator<ServerSentEvent> {
  if (body === null) return;
  let text = '';
  for await (const more of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + more).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string | null => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
      const data = field('data');
      if (data !== null) yield { type: field('event') ?? 'message', id: field('id'), data };
    }
  }
}

/** A problem document in one sentence, with what is wrong field by field where it says so. */
function explain(status: number, text: string): string {
  try {
    const { code, title, detail, errors } = JSON.parse(text) as {
      code?: string;
      title?: string;
      detail?: string;
      errors?: readonly FieldProblem[];
    };
    if (code === 'UNAUTHENTICATED')
      return `${detail?.split(';')[0] ?? title}; the key is read from SPACEPORT_KEY or a profile`;
    const fields = (errors ?? []).map((problem) => `\n  ${problemSentence([problem])}`);
    // Its detail sends the reader to the fields, which follow here anyway.
    const sentence = code === 'INVALID_REQUEST' ? title : (detail ?? title);
    return `${sentence ?? `the server answered ${status}`}${fields.join('')}`;
  } catch {
    return `the server answered ${status}`;
  }
}
