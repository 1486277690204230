import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { diskLeftovers } from './disk-leftovers';
import {
  finding,
  type Evidence,
  type FiredFault,
  type Finding,
  type Leftover,
  type Stamp,
  type StartedJob,
  type WebhookCall,
} from './evidence';
import { isComplete, judgeJobs } from './job-rules';
import { mailsIn } from './mail-evidence';
import { judgeMails } from './mail-rules';
import { judgePayments } from './payment-rules';
import { jsonLines, livingPrograms, strayProcesses } from './process-evidence';
import { machinesOf } from './sagemaker-evidence';
import { recordsIn, scenesIn, unfinishedIn } from './stored-evidence';
import { TemporalEvidence } from './temporal-evidence';
import { judgeWebhooks } from './webhook-rules';

/** Where the product under audit is found. */
export interface AuditPlaces {
  readonly temporal: string;
  readonly s3: string;
  readonly sagemaker: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region: string;
  readonly bucket: string;
  /** What the endpoints keep on disk. */
  readonly stateFolder: string;
  /** The line of a process holds this, or its environment does, when it belongs to the run. */
  readonly runFolder: string;
  readonly stampFile: string;
  readonly webhookFile: string;
  /** The product's own processes, which are to run. */
  readonly pids: readonly number[];
}

const LOOK_EVERY_MS = 1000;

/**
 * Waits until no workflow is open, such as deliveries that are tried again, no process of a container is left, and
 * upkeep has completed the records of workflows that were terminated; or the time is over.
 */
export async function waitUntilQuiet(places: AuditPlaces, patienceMs: number): Promise<void> {
  const temporal = await TemporalEvidence.connect(places.temporal);
  const s3 = s3Of(places);
  try {
    const deadlineMs = Date.now() + patienceMs;
    while (Date.now() < deadlineMs) {
      const isQuiet =
        !(await temporal.isAnyOpen()) &&
        (await strayProcesses(places.runFolder, places.pids)).length === 0 &&
        [...(await recordsIn(s3, places.bucket)).values()].every(isComplete);
      if (isQuiet) return;
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    s3.destroy();
    await temporal.close();
  }
}

/** Everything that can be asked while the product runs and has nothing to do. */
export async function gatherEvidence(places: AuditPlaces, jobs: readonly StartedJob[]): Promise<Evidence> {
  const s3 = s3Of(places);
  const sagemaker = new SageMakerClient({
    region: places.region,
    credentials: { ...places.credentials },
    endpoint: places.sagemaker,
  });
  const temporal = await TemporalEvidence.connect(places.temporal);
  try {
    const stamps = await jsonLines<Stamp>(places.stampFile);
    return {
      jobs,
      stamps,
      records: await recordsIn(s3, places.bucket),
      scenes: await scenesIn(s3, places.bucket),
      runs: await temporal.runs(),
      machines: await machinesOf(sagemaker),
      mails: await mailsIn(path.join(places.stateFolder, 'mail')),
      webhooks: await jsonLines<WebhookCall>(places.webhookFile),
      fired: await firedFaults(places),
      leftovers: [
        ...(await livingPrograms(stamps)),
        ...(await strayProcesses(places.runFolder, places.pids)),
        ...(await unfinishedIn(s3, places.bucket)),
      ],
    };
  } finally {
    s3.destroy();
    sagemaker.destroy();
    await temporal.close();
  }
}

/** What is left after the product has ended. */
export async function leftoversAfterEnd(places: AuditPlaces): Promise<Leftover[]> {
  const stamps = await jsonLines<Stamp>(places.stampFile);
  return [
    ...(await livingPrograms(stamps)),
    ...(await strayProcesses(places.runFolder, [])),
    ...(await diskLeftovers(places.stateFolder)),
  ];
}

export async function firedFaults({ stateFolder }: Pick<AuditPlaces, 'stateFolder'>): Promise<FiredFault[]> {
  const endpoints = ['sagemaker', 's3'].map((endpoint) =>
    jsonLines<FiredFault>(path.join(stateFolder, endpoint, 'faults-fired.jsonl')),
  );
  return (await Promise.all(endpoints)).flat();
}

const s3Of = ({ region, credentials, s3 }: AuditPlaces): S3Client =>
  new S3Client({ region, credentials: { ...credentials }, endpoint: s3, forcePathStyle: true });

/** Everything that is wrong. */
export function judge(evidence: Evidence): Finding[] {
  const running = evidence.machines.filter(({ status }) => !['Completed', 'Failed', 'Stopped'].includes(status));
  return [
    ...judgeJobs(evidence),
    ...judgePayments(evidence),
    ...judgeMails(evidence),
    ...judgeWebhooks(evidence),
    ...judgeDeliveries(evidence),
    ...running.map(({ name, status }): Finding =>
      finding('leftRunning', name.split('-')[1] ?? null, `SageMaker says that ${name} is ${status}`),
    ),
    ...evidence.leftovers.map((leftover): Finding => ({ count: 'leftRunning', ...leftover })),
  ];
}

/** A workflow beside the jobs that has not ended well. */
const judgeDeliveries = ({ runs }: Evidence): Finding[] =>
  runs
    .filter(({ workflowId, status }) => !workflowId.startsWith('job-') && status !== 'Completed')
    .map(({ workflowId, status }) =>
      finding(status === 'Running' ? 'lost' : 'disagreements', null, `the workflow ${workflowId} is ${status}`),
    );
