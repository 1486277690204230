import { CopyObjectCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import { acceptedAttempt, type JobRecord } from '../../contracts/job/record';
import { completeRecord } from '../../contracts/job/stored-record';
import { layout, RESULT_FILES, type ResultFile } from '../../contracts/storage/layout';
import { parseStageReport, type StageReport } from '../../contracts/stages/reports';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import type { RecordStore } from '../../platform/record-store';
import { readJson, writeJson } from '../../platform/s3-objects';
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
  readonly attempt: number;
  readonly jobName: string;
}

/** Which stage's artefacts a result file comes from; `report.json` is put together from all three. */
const COPIED_FROM: Readonly<Record<Exclude<ResultFile, 'report.json'>, Stage>> = {
  'scene.sog': 'compression',
  'model.ply': 'training',
  'cameras.json': 'training',
  'poster.jpg': 'training',
};

/** Reports, results and the record: what a job leaves in S3. */
export interface ArtifactActivities {
  /** The report of a finished attempt. Throws REPORT_MISSING when it is not there or not a report. */
  readReport(ref: AttemptRef): Promise<StageReport>;
  /** Whether a training left something that a later attempt can go on from. */
  hasCheckpoint(ref: Pick<AttemptRef, 'jobId' | 'stage' | 'attempt'>): Promise<boolean>;
  /** Fills the result folder from the accepted attempts; safe to repeat. */
  publishResult(record: JobRecord): Promise<NonNullable<JobRecord['result']>>;
  /** Writes the job's record; while a run of its workflow is open, that is its only writer. */
  saveRecord(record: JobRecord): Promise<void>;
}

export function createArtifactActivities({ s3, bucket, records }: ArtifactDeps): ArtifactActivities {
  const folderOf = ({ jobId, stage, attempt, jobName }: AttemptRef): string =>
    layout.artifactFolder(jobId, stage, attempt, jobName);

  /** `report.json` of an attempt as it is. Throws REPORT_MISSING where there is none. */
  async function rawReport(ref: AttemptRef): Promise<unknown> {
    const key = `${folderOf(ref)}report.json`;
    const found = await readJson(s3, { bucket, key }, cancellationSignal()).catch(nullIfNoJson);
    if (found === null) throw noReport(ref);
    return found.value;
  }

  async function publish(record: JobRecord): Promise<NonNullable<JobRecord['result']>> {
    const abortSignal = cancellationSignal();
    const { jobId } = record;
    const accepted = (stage: Stage): AttemptRef => {
      const found = acceptedAttempt(record, stage);
      if (found === undefined) throw refusal('INTERNAL_ERROR', `the stage ${stage} has no accepted attempt`);
      return { jobId, stage, attempt: found.attempt, jobName: found.jobName };
    };
    const reports = await Promise.all(STAGES.map((stage) => rawReport(accepted(stage))));
    const folder = layout.resultFolder(jobId);
    await writeJson(
      s3,
      { bucket, key: `${folder}report.json` },
      {
        jobId,
        request: { ...record.request, email: undefined, webhookUrl: undefined },
        photos: record.photos,
        stages: reports,
      },
      abortSignal,
    );

    const copied = Object.entries(COPIED_FROM) as [keyof typeof COPIED_FROM, Stage][];
    await Promise.all(
      copied.map(async ([name, stage]) => {
        const source = `${bucket}/${folderOf(accepted(stage))}${name}`;
        await s3.send(
          new CopyObjectCommand({
            Bucket: bucket,
            Key: folder + name,
            CopySource: source.split('/').map(encodeURIComponent).join('/'),
            ContentType: RESULT_FILES[name],
            MetadataDirective: 'REPLACE',
          }),
          { abortSignal },
        );
      }),
    );
    const files = await Promise.all(
      Object.keys(RESULT_FILES).map(async (name) => {
        const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: folder + name }), { abortSignal });
        return { name, bytes: head.ContentLength ?? 0 };
      }),
    );
    return { files };
  }

  return {
    async readReport(ref) {
      const report = parseStageReport(ref.stage, await rawReport(ref));
      if (report === null) throw noReport(ref);
      return report;
    },

    async hasCheckpoint({ jobId, stage, attempt }) {
      const Prefix = layout.checkpointFolder(jobId, stage, attempt);
      const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys: 1 }), {
        abortSignal: cancellationSignal(),
      });
      return KeyCount > 0;
    },

    publishResult: (record) => heartbeating(() => publish(completeRecord(record))),

    saveRecord: (record) => records.save(record, cancellationSignal()),
  };
}

const noReport = ({ jobName }: AttemptRef): Error =>
  refusal('REPORT_MISSING', `${jobName} ended without a usable report`);

function nullIfNoJson(error: unknown): null {
  if (error instanceof SyntaxError) return null;
  throw error;
}
