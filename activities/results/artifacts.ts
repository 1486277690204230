import {
  CopyObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import { acceptedAttempt, type JobRecord } from '../../contracts/job/record';
import { completeRecord } from '../../contracts/job/stored-record';
import { layout, RESULT_FILES, type ResultFile } from '../../contracts/storage/layout';
import { parseStageReport, type StageReport } from '../../contracts/stages/reports';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import { refuse } from '../application-failures';
import { heartbeating } from '../heartbeating';
import { isNotThere, readObject } from '../s3-objects';

export interface ArtifactDeps {
  readonly s3: S3Client;
  readonly bucket: string;
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
  /** Writes `jobs/<id>/job.json`; the job's own workflow is its only writer. */
  saveRecord(record: JobRecord): Promise<void>;
}

export function createArtifactActivities({ s3, bucket }: ArtifactDeps): ArtifactActivities {
  const folderOf = ({ jobId, stage, attempt, jobName }: AttemptRef): string =>
    layout.artifactFolder(jobId, stage, attempt, jobName);

  async function readJson(key: string, signal: AbortSignal): Promise<unknown> {
    return JSON.parse((await readObject(s3, { bucket, key }, signal)).toString('utf8')) as unknown;
  }

  async function put(key: string, value: unknown, abortSignal: AbortSignal): Promise<void> {
    const body = JSON.stringify(value, null, 1);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }), {
      abortSignal,
    });
  }

  async function publish(record: JobRecord): Promise<NonNullable<JobRecord['result']>> {
    const abortSignal = cancellationSignal();
    const { jobId } = record;
    const accepted = (stage: Stage): AttemptRef => {
      const found = acceptedAttempt(record, stage);
      if (found === undefined) throw refuse('INTERNAL_ERROR', `the stage ${stage} has no accepted attempt`);
      return { jobId, stage, attempt: found.attempt, jobName: found.jobName };
    };
    const reports = await Promise.all(
      STAGES.map((stage) => readJson(`${folderOf(accepted(stage))}report.json`, abortSignal)),
    );
    const folder = layout.resultFolder(jobId);
    await put(
      `${folder}report.json`,
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
      const key = `${folderOf(ref)}report.json`;
      try {
        const report = parseStageReport(ref.stage, await readJson(key, cancellationSignal()));
        if (report !== null) return report;
      } catch (error) {
        if (!isNotThere(error) && !(error instanceof SyntaxError)) throw error;
      }
      throw refuse('REPORT_MISSING', `${ref.jobName} ended without a usable report`);
    },

    async hasCheckpoint({ jobId, stage, attempt }) {
      const Prefix = layout.checkpointFolder(jobId, stage, attempt);
      const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys: 1 }), {
        abortSignal: cancellationSignal(),
      });
      return KeyCount > 0;
    },

    publishResult: (record) => heartbeating(() => publish(completeRecord(record))),

    async saveRecord(record) {
      await put(layout.record(record.jobId), record, cancellationSignal());
    },
  };
}
