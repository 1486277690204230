import path from 'node:path';
import { Readable } from 'node:stream';
import pino from 'pino';
import { LOCAL_TENANT, newJobRecord, type JobRecord } from '../../contracts/job/record';
import { jobState } from '../../contracts/job/view';
import type { SignalName } from '../../contracts/messages/signals';
import type { KeptDelivery } from '../../contracts/messages/notifications';
import { createApp, type AppDeps } from '../../server/http/app';
import type { JobRun } from '../../contracts/job/run';
import type { Delivery, ErasureRun, JobRuns, RecentFilter, TenantRun } from '../../server/jobs/runs';
import type { RecordStore, StoredRecord } from '../../platform/record-store';
import type { FileHead } from '../../server/files/file-head';
import type { JobStore } from '../../server/jobs/store';
import { STAGE } from '../../contracts/stages/stages';
import type { LogLine, LogPage, LogStream, PageStart } from '../../platform/machine-logs/log-stream';
import type { LoggedAttempt, LogStore } from '../../server/logs/log-store';
import { testRequest } from '../helpers/records';
import { MemoryAudit } from '../helpers/memory-audit';
import { MemorySchedules } from './schedules/memory-schedules';
import { MemoryUploads } from './uploads/memory-uploads';
import { MemoryDeliveries, MemoryFailures } from './webhooks/memory-webhooks';
import { MemoryBatches } from '../helpers/memory-records';
import { MemoryBatchRuns } from './memory-batch-runs';
import { memoryStorage } from './memory-storage';

export const PUBLIC_URL = 'http://127.0.0.1:3000';
export const NOW_MS = Date.UTC(2026, 10, 21, 10, 0, 0);

export const request = testRequest({ location: { bucket: 'photos', key: 'flight/' }, retryWindowSeconds: 3600 });

export const jobRecord = (changes: Partial<JobRecord> = {}): JobRecord => ({
  ...newJobRecord('job123456', request, NOW_MS - 60_000),
  ...changes,
});

export const openRun = (changes: Partial<JobRun> = {}): JobRun => ({
  runId: 'run-1',
  firstRunId: 'run-1',
  status: 'RUNNING',
  startedAtMs: NOW_MS - 60_000,
  closedAtMs: null,
  state: 'running',
  historyLength: 10,
  mayBeWriting: false,
  heartbeats: [],
  obstacle: null,
  ...changes,
});

/** Records and files in memory; a claim succeeds once. */
export class MemoryStore implements JobStore, Pick<RecordStore, 'claim' | 'read' | 'replace'> {
  readonly records = new Map<string, JobRecord>();
  readonly json = new Map<string, unknown>();
  /** Keys of files that are shown and not published, with their entity tags. */
  readonly shown = new Map<string, string>();
  readonly delivered = new Map<string, readonly KeptDelivery[]>();

  async claim(record: JobRecord): Promise<boolean> {
    if (this.records.has(record.jobId)) return false;
    this.records.set(record.jobId, JSON.parse(JSON.stringify(record)) as JobRecord);
    return true;
  }
  async read(jobId: string): Promise<StoredRecord | null> {
    const record = this.records.get(jobId);
    return record === undefined ? null : { record, version: JSON.stringify(record) };
  }
  async replace({ record: { jobId }, version }: StoredRecord, next: JobRecord): Promise<StoredRecord | null> {
    if (JSON.stringify(this.records.get(jobId)) !== version) return null;
    this.records.set(jobId, next);
    return { record: next, version: JSON.stringify(next) };
  }
  async deliveries(jobId: string): Promise<readonly KeptDelivery[]> {
    return this.delivered.get(jobId) ?? [];
  }
  async readResultJson(jobId: string, file: string): Promise<unknown> {
    return this.json.get(`${jobId}/${file}`) ?? null;
  }
  async link(jobId: string, file: string, saveAs: string | null): Promise<string> {
    return `http://storage.test/${jobId}/${file}?as=${saveAs ?? 'inline'}`;
  }
  async shownLink(key: string): Promise<string> {
    return `http://storage.test/${key}`;
  }
  async shownHead(key: string, mediaType: string): Promise<FileHead | null> {
    const etag = this.shown.get(key);
    return etag === undefined
      ? null
      : { bytes: 9, mediaType, disposition: 'inline', etag, modifiedAt: new Date(NOW_MS) };
  }
  async head(jobId: string, file: string): Promise<FileHead | null> {
    if (!this.records.get(jobId)?.result?.files.some(({ name }) => name === file)) return null;
    const modifiedAt = new Date(NOW_MS);
    return { bytes: 9, mediaType: 'application/json', disposition: 'inline', etag: '"abc"', modifiedAt };
  }
  async check(): Promise<void> {}
}

/** Runs in memory: at most one open run a job; `answer` is what messages are told. */
export class MemoryRuns implements JobRuns {
  readonly runs = new Map<string, JobRun>();
  readonly started: JobRecord[] = [];
  readonly messages: { readonly name: SignalName; readonly jobId: string; readonly payload: unknown }[] = [];
  readonly erased: string[] = [];
  /** Records that open runs have. */
  readonly inMemory = new Map<string, JobRecord>();
  answer: Delivery = { kind: 'accepted', state: null };
  startFails = false;
  away = false;

  async start(record: JobRecord): Promise<string | null> {
    if (this.startFails) throw new Error('connection refused');
    if (!this.runs.has(record.jobId)) this.open(record);
    const run = this.runs.get(record.jobId);
    return run?.status === 'RUNNING' ? run.runId : null;
  }
  async startAgain(record: JobRecord): Promise<boolean> {
    if (this.runs.get(record.jobId)?.status === 'RUNNING') return false;
    this.open(record);
    return true;
  }
  async describe(jobId: string): Promise<JobRun | null> {
    if (this.away) throw new Error('connection refused');
    return this.runs.get(jobId) ?? null;
  }
  async record(jobId: string): Promise<JobRecord | null> {
    return this.inMemory.get(jobId) ?? null;
  }
  async recent({ limit, queuedAfterMs = -Infinity }: RecentFilter): Promise<TenantRun[]> {
    if (this.away) throw new Error('connection refused');
    return [...this.runs]
      .filter(
        ([, { status, state, startedAtMs }]) =>
          status !== 'RUNNING' || state !== 'queued' || startedAtMs > queuedAfterMs,
      )
      .map(([jobId, run]) => ({ jobId, ...run, stage: 'training', preset: 'preview', tenant: LOCAL_TENANT }))
      .slice(0, limit);
  }
  async recentErasures(): Promise<readonly ErasureRun[]> {
    if (this.away) throw new Error('connection refused');
    return this.erased.map((jobId) => ({ jobId, startedAtMs: NOW_MS, status: 'RUNNING' }));
  }
  async send(jobId: string, name: SignalName, payload: unknown): Promise<Delivery> {
    this.messages.push({ name, jobId, payload });
    return this.answer;
  }
  async erase({ jobId }: JobRecord): Promise<void> {
    this.erased.push(jobId);
  }
  async isErasing(jobId: string): Promise<boolean> {
    return this.erased.includes(jobId);
  }
  async retentionDays(): Promise<number> {
    if (this.away) throw new Error('connection refused');
    return 3;
  }
  async check(): Promise<void> {
    if (this.away) throw new Error('connection refused');
  }

  private open(record: JobRecord): void {
    this.started.push(record);
    this.runs.set(record.jobId, openRun({ state: 'queued', startedAtMs: NOW_MS }));
  }
}

/** Logs in memory: lines by machine job, as CloudWatch has them, and texts by machine job, as they are stored. */
export class MemoryLogs implements LogStore {
  readonly live = new Map<string, LogLine[]>();
  readonly texts = new Map<string, string>();
  /** Lines of a page. */
  pageLines = 1000;

  async find({ stage, jobName }: LoggedAttempt): Promise<LogStream | null> {
    return this.live.has(jobName) ? { kind: STAGE[stage].kind, name: jobName } : null;
  }
  async page({ name }: LogStream, start: PageStart): Promise<LogPage | null> {
    const all = this.live.get(name);
    if (all === undefined) return null;
    if ('newest' in start)
      return { lines: all.slice(-(start.limit ?? this.pageLines)), token: String(all.length), isLast: true };
    const first = 'token' in start ? Number(start.token) : all.findIndex(({ atMs }) => atMs >= start.fromMs);
    const from = first < 0 ? all.length : first;
    const lines = all.slice(from, from + this.pageLines);
    const token = String(from + lines.length);
    return { lines, token, isLast: 'token' in start && token === start.token };
  }
  async stored(_jobId: string, { jobName }: LoggedAttempt): Promise<Readable | null> {
    const text = this.texts.get(jobName);
    return text === undefined ? null : Readable.from([text], { objectMode: false });
  }
}

export const testConfig: AppDeps['config'] = {
  bucket: 'spaceport',
  inputBuckets: ['spaceport', 'photos'],
  region: 'us-west-2',
  publicUrl: PUBLIC_URL,
  publicS3Endpoint: 'http://127.0.0.1:9000',
  map: { styleUrl: null, origins: [] },
  temporalUiUrl: 'http://127.0.0.1:8233',
  temporalNamespace: 'default',
  payloadKeys: null,
  http: { host: '127.0.0.1', port: 3000, trustedProxies: 0, startsPerMinute: 600 },
  webhooks: {
    secret: 'a secret of 32 characters or more',
    masterKey: 'a master key of 32 characters or more',
    hosts: [],
  },
  access: { adminKeyHash: null, requestsPerMinute: 1200 },
};

/** Stands for the web application that set-up builds. */
export const BUILT_PAGES = path.join(__dirname, '../fixtures/web');

/** A mail that the server has sent. */
export interface SentMail {
  readonly email: string;
  readonly text: string;
}

/** The app over memory, with a clock that stands still. */
export function testApp(changes: Partial<AppDeps> = {}) {
  const store = new MemoryStore();
  const runs = new MemoryRuns();
  const uploads = new MemoryUploads(() => NOW_MS);
  const logs = new MemoryLogs();
  const deliveries = new MemoryDeliveries();
  const endpointFailures = new MemoryFailures();
  const auditLog = new MemoryAudit();
  const schedules = new MemorySchedules();
  const batches = new MemoryBatches();
  const batchRuns = new MemoryBatchRuns();
  const storage = memoryStorage();
  const mails: SentMail[] = [];
  const logger = pino({ level: 'silent' });
  const app = createApp({
    config: testConfig,
    runs,
    records: store,
    batches,
    batchRuns,
    store,
    storage,
    uploads,
    schedules,
    countPhotos: async () => null,
    localCores: null,
    logs,
    async sendMail(email, { text }) {
      mails.push({ email, text });
      return '250 ok';
    },
    deliveries,
    endpointFailures,
    auditLog,
    deliveryRuns: deliveries,
    logger,
    readiness: async () => [],
    now: () => NOW_MS,
    webFolder: BUILT_PAGES,
    ...changes,
  });
  /** Puts a job there, as the workflow would have left it. */
  const job = (record: JobRecord, run: JobRun | null): void => {
    store.records.set(record.jobId, record);
    if (run !== null) runs.runs.set(record.jobId, run);
    void storage.jobs.upsert([{ record, state: jobState(record, run), asOfMs: record.updatedAtMs }]);
  };
  return {
    app,
    mails,
    store,
    runs,
    storage,
    uploads,
    schedules,
    logs,
    deliveries,
    endpointFailures,
    auditLog,
    job,
    batches,
    batchRuns,
  };
}
