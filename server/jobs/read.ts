import type { JobRecord } from '../../contracts/job/record';
import type { KeptDelivery } from '../../contracts/messages/notifications';
import { EVENTS_BEFORE_A_WORKER, type JobRun } from '../../contracts/job/run';
import { posterName } from '../../contracts/storage/posters';
import { previewKey } from '../../contracts/storage/preview';
import { jobView, type JobLinks, type JobList, type JobView } from '../../contracts/job/view';
import { JOB_ID_PATTERN } from '../../contracts/machines/names';
import { fittedAttempt } from '../../contracts/photos/fit';
import {
  isFolderFile,
  isShownUnpublished,
  layout,
  PREVIEW_FILES,
  type PreviewFile,
  type PublishedFile,
  type ResultFile,
} from '../../contracts/storage/layout';
import type { Logger } from '../../platform/logger';
import { reached, reachedPage } from '../http/availability';
import type { Caller } from '../http/context';
import { downloadName, type FileUse } from '../files/download-name';
import type { FileHead } from '../files/file-head';
import { Problem } from '../http/problem';
import type { JobFilter, JobIndex } from '../storage/jobs/job-index';
import { KeptBesideRuns } from './kept-beside-runs';
import { listEntry } from './list-entry';
import type { JobLookup } from './lookup';
import type { JobRuns } from './runs';
import type { JobStore } from './store';

/** What the server says of jobs. Every call throws Problem for what a caller can mend. */
export interface ReadJobs {
  get(caller: Caller, jobId: string): Promise<JobView>;
  /** A page of the list, newest first. */
  list(caller: Caller, filter: JobFilter): Promise<JobList>;
  /** A signed link to a published file; of a result that was not accepted, to photos.json and thumbnails. */
  artifact(caller: Caller, jobId: string, file: PublishedFile, use: FileUse): Promise<string>;
  /** A signed link to the smallest picture of the published scene. */
  poster(caller: Caller, jobId: string): Promise<string>;
  /** A signed link to what there is of the scene that is being trained; null before there is anything. */
  preview(caller: Caller, jobId: string, file: PreviewFile): Promise<string | null>;
  /** What that link answers with, but for the file itself. */
  previewHead(caller: Caller, jobId: string, file: PreviewFile): Promise<FileHead | null>;
  /** What that link answers with, but for the file itself. */
  artifactHead(caller: Caller, jobId: string, file: PublishedFile, use: FileUse): Promise<FileHead>;
  /** A published JSON file. */
  resultJson(caller: Caller, jobId: string, file: ResultFile): Promise<unknown>;
}

interface ReadJobsDeps {
  readonly runs: JobRuns;
  readonly index: Pick<JobIndex, 'list'>;
  readonly store: JobStore;
  readonly lookup: JobLookup;
  readonly links: JobLinks;
  readonly logger: Logger;
  readonly now: () => number;
}

export function createReadJobs({ runs, index, store, lookup, links, logger, now }: ReadJobsDeps): ReadJobs {
  /** What is worth showing, but never worth an answer without the rest. */
  const ifReached = async <T>(jobId: string, answer: Promise<T>, otherwise: T, warning: string): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      logger.warn({ err: error, jobId }, warning);
      return otherwise;
    }
  };

  /**
   * The folder that a file is in: the result's, or that of the attempt of SfM that was not accepted. The storage is
   * asked for files of which the record does not say that they exist.
   */
  const folderOf = async (record: JobRecord, file: PublishedFile): Promise<string> => {
    const { jobId, result } = record;
    const published = layout.resultFolder(jobId);
    if (result?.files.some(({ name }) => name === file)) return published;
    const shown = result === null && isShownUnpublished(file) ? fittedAttempt(record) : null;
    const attemptFolder = shown && layout.artifactFolder(jobId, 'sfm', shown.attempt, shown.jobName);
    const folder = result !== null && isFolderFile(file) ? published : attemptFolder;
    if (folder !== null && (await reached('The storage', store.head(jobId, file, null, folder))) !== null)
      return folder;
    throw new Problem(
      'ARTIFACT_NOT_FOUND',
      `job ${jobId} has no ${file}${result === null ? ', since it has not been published' : ''}`,
    );
  };

  const previewOf = async (
    caller: Caller,
    jobId: string,
    file: PreviewFile,
  ): Promise<{ readonly key: string; readonly head: FileHead } | null> => {
    const key = previewKey(await lookup.record(caller, jobId), file);
    if (key === null) throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has no ${file} of its training`);
    const head = await reached('The storage', store.shownHead(key, PREVIEW_FILES[file]));
    return head && { key, head };
  };

  const deliveries = new KeptBesideRuns((jobId) => store.deliveries(jobId));
  /** @param found the record beside that run; an answer fails where it fails */
  const toldOf = async (
    jobId: string,
    run: JobRun | null,
    found: Promise<JobRecord>,
  ): Promise<readonly KeptDelivery[]> => {
    if (!JOB_ID_PATTERN.test(jobId)) return [];
    if (run?.historyLength === EVENTS_BEFORE_A_WORKER && isNew(await found)) return [];
    return ifReached(jobId, deliveries.get(jobId, run), [], 'the deliveries of a job could not be read');
  };

  return {
    async get(caller, jobId) {
      // In this order: a run that is closed has written its last record.
      const away = 'Temporal does not answer: the job is shown from its record';
      const run = await ifReached(jobId, runs.describe(jobId), null, away);
      const found = lookup.recordBeside(run, caller, jobId);
      const [record, told] = await Promise.all([found, toldOf(jobId, run, found)]);
      return { ...jobView(record, run, links, now()), deliveries: told };
    },

    async list({ tenant }, filter) {
      const { jobs, nextCursor } = await reachedPage(index.list(tenant, filter));
      return { jobs: jobs.map((job) => listEntry(job, links)), nextCursor };
    },

    async artifact(caller, jobId, file, use) {
      const record = await lookup.record(caller, jobId);
      const folder = await folderOf(record, file);
      return reached('The storage', store.link(jobId, file, savedAs(record, file, use), folder));
    },

    async poster(caller, jobId) {
      const { result } = await lookup.record(caller, jobId);
      const file = posterName(new Set(result?.files.map(({ name }) => name)));
      if (file === null) throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has published no picture`);
      return reached('The storage', store.link(jobId, file, null, layout.resultFolder(jobId)));
    },

    async preview(caller, jobId, file) {
      const preview = await previewOf(caller, jobId, file);
      return preview && (await reached('The storage', store.shownLink(preview.key, PREVIEW_FILES[file])));
    },

    async previewHead(caller, jobId, file) {
      return (await previewOf(caller, jobId, file))?.head ?? null;
    },

    async artifactHead(caller, jobId, file, use) {
      const record = await lookup.record(caller, jobId);
      const folder = await folderOf(record, file);
      const head = await reached('The storage', store.head(jobId, file, savedAs(record, file, use), folder));
      if (head === null) throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has no ${file} any more`);
      return head;
    },

    async resultJson(caller, jobId, file) {
      const record = await lookup.record(caller, jobId);
      const value = record.result === null ? null : await reached('The storage', store.readResultJson(jobId, file));
      if (value === null) throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has no ${file}`);
      return value;
    },
  };
}

/** Whether a job has done nothing yet of which anybody could have been told. */
const isNew = ({ state, createdAtMs, updatedAtMs }: JobRecord): boolean =>
  state === 'queued' && createdAtMs === updatedAtMs;

/** The name under which browsers save a file; null where it is shown in place. */
const savedAs = (record: JobRecord, file: PublishedFile, use: FileUse): string | null =>
  use === 'show' ? null : downloadName(record, file, use);
