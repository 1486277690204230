import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from './commands';

/** A command that a program sent during an end-to-end test, with its keys and names but without what differs each time. */
export interface RecordedCommand {
  readonly program: 'server' | 'worker';
  readonly name: string;
  readonly key?: string;
  /** Of a copy: where to. */
  readonly to?: string;
  readonly job?: string;
  readonly group?: string;
  readonly stream?: string;
}

/** Stands in recordings where the name of the deployment stood. */
export const DEPLOYMENT = 'DEPLOYMENT';

export const RECORDING = path.join(__dirname, 'recording.json');

/** What a program of a deployment has sent in the recorded tests (record.ts). */
export function recordedCommands(program: RecordedCommand['program'], deployment: string): Command[] {
  const text = readFileSync(RECORDING, 'utf8').replaceAll(DEPLOYMENT, deployment);
  const all = JSON.parse(text) as RecordedCommand[];
  return all.filter((command) => command.program === program) as unknown as Command[];
}

/** Ids of jobs, uploads, batches and deliveries; numbers of attempts, times and copies. */
const ID =
  /(?<=^(?:jobs|batches|uploads\/[^/]+|registry\/[^/]+\/[^/]+|webhooks\/[^/]+)\/)[^/]+?(?=\/|\.json$|\.failures\.json$|$)/;
const TENANT = /(?<=^(?:uploads|webhooks|registry\/[^/]+)\/)[^/]+(?=\/)/;
const LEAF = /(?<=^(?:jobs\/[^/]+\/(?:deliveries|events|photos\/unpacked)|webhooks\/[^/]+\/[^/]+)\/)[^/]+$/;
const MACHINE_JOB = /(?<=^|\/)[a-z][a-z0-9]*-[a-z0-9]+-(?=(?:sfm|training|compression)-)/;
const NUMBER = /\d+/g;

const plain = (key: string): string => ofJob(key.replace(TENANT, 'tenant').replace(ID, 'id').replace(LEAF, 'some'));

const ofJob = (name: string): string => name.replace(MACHINE_JOB, `${DEPLOYMENT}-id-`).replace(NUMBER, '1');

/** The same command of any other job. */
export function withoutIds({ key, to, job, stream, ...rest }: RecordedCommand): RecordedCommand {
  return {
    ...rest,
    ...(key !== undefined && { key: plain(key) }),
    ...(to !== undefined && { to: plain(to) }),
    ...(job !== undefined && { job: ofJob(job) }),
    ...(stream !== undefined && { stream: ofJob(stream) }),
  };
}
