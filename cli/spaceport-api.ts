import type { BudgetLimits } from '../contracts/job/budget';
import type { JobList, JobListEntry, JobView, StartedJob } from '../contracts/job/view';
import type { JobState } from '../contracts/job/state';
import type { JobSnapshot } from '../contracts/messages/job-snapshot';
import { problemSentence, type FieldProblem } from '../contracts/messages/parsed';
import type { PresetName } from '../contracts/stages/presets';
import type { Stage } from '../contracts/stages/stage';

interface StartRequest extends BudgetLimits {
  readonly s3Url: string;
  readonly email: string;
  readonly preset: PresetName;
  readonly retryWindowSeconds?: number;
}

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
  ) {
    super(message);
  }
}

/**
 * A client of Spaceport's HTTP API. All calls throw ApiError where the server refuses, TypeError where it is not
 * reached.
 */
export class SpaceportApi {
  private readonly server: string;
  /** The API key, or the login of a proxy: taken out of the address, which fetch would refuse, and print. */
  private readonly login: { readonly authorization: string } | undefined;

  /**
   * @param address `http://host:port`, or `https://user:password@host`
   * @param key an API key; null where none is needed
   */
  constructor(address: string, key: string | null = null) {
    const url = new URL(address);
    const credentials = [url.username, url.password].map(decodeURIComponent).join(':');
    if (credentials !== ':') this.login = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
    // One header for both: a proxy with a login of its own has to send the key itself.
    if (key !== null) this.login = { authorization: `Bearer ${key}` };
    url.username = '';
    url.password = '';
    this.server = url.href.replace(/\/+$/, '');
  }

  startJob(request: StartRequest): Promise<StartedJob> {
    return this.call('POST', '/start-job', request);
  }

  job(jobId: string, signal?: AbortSignal): Promise<JobView> {
    return this.call('GET', jobPath(jobId), undefined, signal);
  }

  /** Each snapshot of a job as it comes, until after the last one, or until the server ends the stream. */
  async *events(jobId: string, signal: AbortSignal): AsyncGenerator<JobSnapshot> {
    const response = await this.ask('GET', `${jobPath(jobId)}/events`, undefined, signal);
    if (response.body !== null)
      for await (const data of eventData(response.body)) yield JSON.parse(data) as JobSnapshot;
  }

  async jobs(): Promise<readonly JobListEntry[]> {
    return (await this.call<Pick<JobList, 'jobs'>>('GET', '/v1/jobs')).jobs;
  }

  cancel(jobId: string, reason?: string): Promise<MessageAnswer> {
    return this.call('POST', `${jobPath(jobId)}/cancel`, { by: BY, reason });
  }

  /** A yes to a result that the job asks about. */
  accept(jobId: string): Promise<MessageAnswer> {
    return this.call('POST', `${jobPath(jobId)}/accept`, { by: BY });
  }

  pause(jobId: string): Promise<MessageAnswer> {
    return this.call('POST', `${jobPath(jobId)}/pause`, {});
  }

  resume(jobId: string): Promise<MessageAnswer> {
    return this.call('POST', `${jobPath(jobId)}/resume`, {});
  }

  retry(jobId: string, fromStage: Stage | null, limits: BudgetLimits = {}): Promise<MessageAnswer> {
    return this.call('POST', `${jobPath(jobId)}/retry`, fromStage === null ? limits : { ...limits, fromStage });
  }

  /** Erases an ended job; resolves with what remains of it. */
  async erase(jobId: string): Promise<string> {
    return (await this.call<{ remains: string }>('DELETE', jobPath(jobId))).remains;
  }

  private async call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await (await this.ask(method, path, body, signal)).json()) as T;
  }

  private async ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(`${this.server}${path}`, {
      method,
      signal: signal ?? null,
      headers: { ...this.login, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new ApiError(response.status, explain(response.status, await response.text()));
    return response;
  }
}

/** Who sent a message, for the job's record. */
const BY = 'the CLI';

const jobPath = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}`;

/** The data of each server-sent event; comments and other fields are passed over. */
async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = '';
  for await (const more of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + more).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield data;
    }
  }
}

/** A problem document in one sentence, with what is wrong field by field where it says so. */
function explain(status: number, text: string): string {
  try {
    const { title, detail, errors } = JSON.parse(text) as {
      title?: string;
      detail?: string;
      errors?: readonly FieldProblem[];
    };
    const fields = (errors ?? []).map((problem) => `\n  ${problemSentence([problem])}`);
    return `${detail ?? title ?? `the server answered ${status}`}${fields.join('')}`;
  } catch {
    return `the server answered ${status}`;
  }
}
