import { CopyObjectCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import { acceptedParts, type JobRecord } from '../../contracts/job/record';
import { comparedEstimate } from '../../contracts/job/view';
import { completeRecord } from '../../contracts/job/stored-record';
import { settingsOf, type JobSettings } from '../../contracts/messages/settings';
import {
  isFolderFile,
  isResultFile,
  layout,
  mediaTypeOf,
  RESULT_FILES,
  type FolderFile,
} from '../../contracts/storage/layout';
import { parseStageReport, type StageReport } from '../../contracts/stages/reports';
import { STAGES, type Part, type Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { UnreadableRecordError, type RecordStore } from '../../platform/record-store';
import { bounded } from '../../platform/bounded';
import { isNotThere, listObjects, readJson, writeJson } from '../../platform/s3-objects';
import { refusal } from '../application-failures';
import { heartbeating } from '../heartbeating';

export interface ArtifactDeps {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly records: RecordStore;
}

/** One accepted or rejected attempt of a stage. */
export interface AttemptRef {
  readonly jobId: string;
  readonly stage: Stage;
  /** Not set = the whole scene, as in calls that earlier versions have scheduled. */
  readonly part?: Part;
  readonly attempt: number;
  readonly jobName: string;
}

/** Reports, results and the record: what a job leaves in S3. */
export interface ArtifactActivities {
  /** The report of a finished attempt. Throws REPORT_MISSING when it is not there or not a report. */
  readReport(ref: AttemptRef): Promise<StageReport>;
  /** Whether an attempt left something that a later one can resume from. */
  hasCheckpoint(ref: Omit<AttemptRef, 'jobName'>): Promise<boolean>;
  /** Fills the result folder from the accepted attempts; safe to repeat. */
  publishResult(record: JobRecord): Promise<NonNullable<JobRecord['result']>>;
  /**
   * Writes the job's record; while a run of its workflow is open, that is its only writer. The first time that a run
   * does, its settings are those of the stored record, which a person may have changed just before the run began; it
   * returns them, and null where they are none but the run's own.
   */
  saveRecord(record: JobRecord, isFirst?: boolean): Promise<JobSettings | null>;
}

/** Copies a file of an attempt into the result folder; resolves with its name. */
type Copy = (ref: AttemptRef, name: string, mediaType: string) => Promise<string>;

/** Files of a folder that are copied at once. */
const COPIES_AT_ONCE = 16;

export function createArtifactActivities({ s3, bucket, records }: ArtifactDeps): ArtifactActivities {
  const folderOf = ({ jobId, stage, attempt, jobName, part }: AttemptRef): string =>
    layout.artifactFolder(jobId, stage, attempt, jobName, part);

  /** `report.json` of an attempt as it is. Throws REPORT_MISSING where there is none. */
  async function rawReport(ref: AttemptRef): Promise<unknown> {
    const key = `${folderOf(ref)}report.json`;
    const found = await readJson(s3, { bucket, key }, cancellationSignal()).catch(nullIfNoJson);
    if (found === null) throw noReport(ref);
    return found.value;
  }

  /** Copies the published folders of an attempt, as far as it has them. */
  async function copyFolders(ref: AttemptRef, copy: Copy, abortSignal: AbortSignal): Promise<void> {
    for (const folder of Object.keys(STAGE[ref.stage].publishedFolders)) {
      const files: FolderFile[] = [];
      for await (const { key } of listObjects(s3, { bucket, key: folderOf(ref) + folder }, abortSignal)) {
        const name = key.slice(folderOf(ref).length);
        if (isFolderFile(name) && !isResultFile(name)) files.push(name);
      }
      const inTurn = bounded(COPIES_AT_ONCE);
      await Promise.all(files.map((file) => inTurn(() => copy(ref, file, mediaTypeOf(file)))));
    }
  }

  async function publish(record: JobRecord): Promise<NonNullable<JobRecord['result']>> {
    const abortSignal = cancellationSignal();
    const { jobId } = record;
    const accepted = STAGES.flatMap((stage): AttemptRef[] => {
      const parts = acceptedParts(record, stage);
      if (parts === null) throw refusal('INTERNAL_ERROR', `the stage ${stage} has no accepted attempt`);
      return parts.map((done) => ({ ...done, jobId }));
    });
    const reports = await Promise.all(accepted.map(rawReport));
    const folder = layout.resultFolder(jobId);
    await writeJson(
      s3,
      { bucket, key: `${folder}report.json` },
      {
        jobId,
        request: { ...record.request, tenant: undefined, email: undefined, webhookUrl: undefined },
        photos: record.photos,
        estimate: comparedEstimate(record, Date.now()),
        stages: reports,
      },
      abortSignal,
    );

    // A stage in parts has no files of the whole scene: the one that joins them has.
    const whole = accepted.filter(({ part }) => part === null);
    const copy: Copy = async (ref, name, mediaType) => {
      const source = `${bucket}/${folderOf(ref)}${name}`;
      await s3.send(
        new CopyObjectCommand({
          Bucket: bucket,
          Key: folder + name,
          CopySource: source.split('/').map(encodeURIComponent).join('/'),
          ContentType: mediaType,
          MetadataDirective: 'REPLACE',
        }),
        { abortSignal },
      );
      return name;
    };
    const copied = await Promise.all(
      whole.flatMap((ref) => [
        ...Object.entries(STAGE[ref.stage].published).map((file) => copy(ref, ...file)),
        ...Object.entries(STAGE[ref.stage].publishedIfThere).map((file) => copy(ref, ...file).catch(nullIfNotThere)),
      ]),
    );
    for (const ref of whole) await copyFolders(ref, copy, abortSignal);
    const published = Object.keys(RESULT_FILES).filter((file) => file === 'report.json' || copied.includes(file));
    const files = await Promise.all(
      published.map(async (name) => {
        const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: folder + name }), { abortSignal });
        return { name, bytes: head.ContentLength ?? 0 };
      }),
    );
    return { files };
  }

  async function settingsBefore({ jobId }: JobRecord): Promise<JobSettings | null> {
    try {
      const stored = await records.read(jobId, cancellationSignal());
      return stored === null ? null : settingsOf(stored.record.request);
    } catch (error) {
      if (error instanceof UnreadableRecordError) return null;
      throw error;
    }
  }

  return {
    async readReport(ref) {
      const report = parseStageReport(ref.stage, await rawReport(ref));
      if (report === null) throw noReport(ref);
      return report;
    },

    async hasCheckpoint({ jobId, stage, attempt, part }) {
      const Prefix = layout.checkpointFolder(jobId, stage, attempt, part);
      // What lies in folders below are pictures of the training.
      const list = new ListObjectsV2Command({ Bucket: bucket, Prefix, Delimiter: '/', MaxKeys: 1 });
      const { Contents = [] } = await s3.send(list, { abortSignal: cancellationSignal() });
      return Contents.length > 0;
    },

    publishResult: (record) => heartbeating(() => publish(completeRecord(record))),

    async saveRecord(record, isFirst = false) {
      const settings = isFirst ? await settingsBefore(record) : null;
      const next = settings === null ? record : { ...record, request: { ...record.request, ...settings } };
      await records.save(next, cancellationSignal());
      return settings;
    },
  };
}

const noReport = ({ jobName }: AttemptRef): Error =>
  refusal('REPORT_MISSING', `${jobName} ended without a usable report`);

function nullIfNotThere(error: unknown): null {
  if (isNotThere(error)) return null;
  throw error;
}

function nullIfNoJson(error: unknown): null {
  if (error instanceof SyntaxError) return null;
  throw error;
}
