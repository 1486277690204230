import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Policy } from '../../contracts/job/policy';
import type { Quotas } from '../sagemaker/api/quotas';
import { findCheckout } from './checkout';
import { Component, type ComponentExit, type ComponentSpec } from './component';
import {
  COMPONENT_NAMES,
  LOCAL_BUCKET,
  LOCAL_REGION,
  componentSpecs,
  type ComponentName,
  type StackSettings,
} from './components';
import { writeImagesFile } from './container-programs';
import { loadCredentials, loadWebhookMasterKey, loadWebhookSecret, type Credentials } from './credentials';
import { endpointsOf, type Endpoints } from './endpoints';
import { choosePorts, freePort, USUAL_PORTS, type Ports } from './ports';
import { Restarts, USUAL_RESTARTS, type RestartLimit } from './restarts';
import { ClaimedStateFolder } from './state-folder';

/** The account of requirements.md: one machine for each of the first two stages, two for compression. */
const ACCOUNT_QUOTAS: Quotas = {
  processing: { 'ml.c6i.2xlarge': 1, 'ml.c6i.4xlarge': 2, 'ml.c6i.8xlarge': 0 },
  // One training at a time, on what there is: another name for it would be no other machine.
  training: { 'ml.g4dn.xlarge': 1, 'ml.g5.xlarge': 0 },
};

/** On one machine nothing is far away, so looking often costs little. */
const LOCAL_POLICY: Partial<Policy> = {
  pollIntervalMs: 500,
  // After a laptop's sleep a watch may be handed to a connection that is dead: it is missed after so long.
  heartbeatTimeoutMs: 15_000,
  capacityRetryMs: 5000,
  callTimeoutMs: 15_000,
  retryInitialMs: 500,
  stopMarginMs: 10_000,
  // The local endpoint reads what the programs have written themselves.
  logSettleMs: 1,
};

interface StackOptions {
  /** Everything that the stack keeps: objects, jobs, workflows, mails, logs, credentials. */
  readonly stateFolder: string;
  /** The launcher's environment, such as `process.env`. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ports to use where they are free. Default: those of the last start on this state folder, else the usual ones. */
  readonly ports?: Ports;
  /** Beyond what suits one machine. */
  readonly policy?: Partial<Policy>;
  readonly quotas?: Quotas | undefined;
  /** Between SIGTERM and SIGKILL to a container. */
  readonly stopGraceSeconds?: number;
  /** The manifest of images that local/sagemaker runs. Default: the container programs of this checkout. */
  readonly imagesFile?: string;
  /** A fault plan for local/sagemaker; the file may be written at any time. */
  readonly faultsFile?: string;
  /** The same for local/s3. */
  readonly s3FaultsFile?: string;
  /** How often a component that has died is started again before the stack gives up. */
  readonly restarts?: RestartLimit;
  /** Told what is being done, a few words a line. */
  readonly say?: (line: string) => void;
  /** Gives up starting; what has started is stopped. */
  readonly signal?: AbortSignal;
}

/** The local product, running. */
export interface Stack {
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  readonly bucket: string;
  readonly region: string;
  /** The `temporal` program that belongs to this stack. */
  readonly temporalProgram: string;
  readonly logFolder: string;
  /**
   * Resolves when a component has ended that nobody asked to end, and starting it again has not helped; the caller then
   * stops the stack.
   */
  readonly died: Promise<ComponentExit>;
  pid(name: ComponentName): number;
  /** SIGKILL, as a crash would. */
  kill(name: ComponentName): Promise<void>;
  /** Starts a component again that was killed, with the same settings and ports. */
  restart(name: ComponentName): Promise<void>;
  /** Ends everything in order and leaves no process; safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts Temporal, S3, SageMaker, the mail sink, a worker and the server, all on 127.0.0.1. A component that dies is
 * started again on its port, up to a limit; running jobs go through that, as through a deploy. Rejects, with nothing left
 * running, when a stack is running on this state folder (StackIsRunningError) or a component does not become ready.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateFolder, say = () => undefined } = options;
  const signal = options.signal ?? new AbortController().signal;
  await mkdir(stateFolder, { recursive: true });
  const claim = await ClaimedStateFolder.claim(stateFolder);
  const ports = await choosePorts(options.ports ?? (await lastPorts(stateFolder)));
  const endpoints = endpointsOf(ports);
  const credentials = await loadCredentials(stateFolder);
  const specs = componentSpecs(await settingsOf(options, ports, credentials));
  await writeFile(path.join(stateFolder, 'ports.json'), JSON.stringify(ports));

  const logFolder = path.join(stateFolder, 'logs');
  const running = new Map<ComponentName, Component>();
  let reportDeath: (exit: ComponentExit) => void = () => undefined;
  const died = new Promise<ComponentExit>((resolve) => (reportDeath = resolve));

  const stopping = new AbortController();
  const untilStopped = AbortSignal.any([signal, stopping.signal]);
  const deaths = new Map<ComponentName, Restarts>();
  const revivals = new Set<Promise<void>>();

  const start = async (name: ComponentName): Promise<void> => {
    const component = await Component.spawn(specs[name], logFolder);
    running.set(name, component);
    await claim.noteComponent(name, component.identity);
    await component.waitUntilReady(untilStopped);
    void component.exited.then((exit) => {
      if (exit.expected) return;
      const revival = revive(name, exit).finally(() => revivals.delete(revival));
      revivals.add(revival);
    });
  };

  /** Starts a component again that has died, until it is ready, the limit is reached, or the stack is stopped. */
  const revive = async (name: ComponentName, exit: ComponentExit): Promise<void> => {
    const restarts = deaths.get(name) ?? new Restarts(options.restarts ?? USUAL_RESTARTS);
    deaths.set(name, restarts);
    for (let how = exit.how; ;) {
      const pauseMs = restarts.afterDeath(Date.now());
      if (pauseMs === null) {
        reportDeath({ ...exit, how: `${how}, ${restarts.inWords} and once more` });
        return;
      }
      say(`The local ${name} ${how}: it is started again (${restarts.inWords}); its log: ${exit.logFile}`);
      try {
        // What it had started may hold its port.
        await component(name).stop();
        await sleep(pauseMs, undefined, { signal: untilStopped });
        await start(name);
        say(`The local ${name} runs again`);
        return;
      } catch (error) {
        if (untilStopped.aborted) return;
        how = `did not start: ${(error as Error).message}`;
      }
    }
  };

  const stopAll = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(revivals);
    for (const name of COMPONENT_NAMES.toReversed()) await running.get(name)?.stop();
    await claim.release();
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopAll());

  const component = (name: ComponentName): Component => {
    const found = running.get(name);
    if (found === undefined) throw new Error(`${name} was never started`);
    return found;
  };

  try {
    say('Starting Temporal, S3, SageMaker and the mail sink');
    await allSettled(['temporal', 's3', 'mail', 'sagemaker'], start);
    await createBucket(endpoints.s3, credentials);
    say('Starting the worker and the server');
    await allSettled(['worker', 'server'], start);
    await claim.noteEndpoints(endpoints);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoints,
    credentials,
    bucket: LOCAL_BUCKET,
    region: LOCAL_REGION,
    temporalProgram: findCheckout().temporal,
    logFolder,
    died,
    pid: (name) => component(name).identity.pid,
    kill: (name) => component(name).kill(),
    restart: start,
    stop,
  };
}

/** How a program that comes with the server is run beside a running stack, in the server's own environment. */
export async function programOfServer(
  options: Pick<StackOptions, 'stateFolder' | 'environment'>,
  entry: string,
): Promise<Pick<ComponentSpec, 'command' | 'args' | 'cwd' | 'env'>> {
  const ports = await lastPorts(options.stateFolder);
  const settings = await settingsOf(options, ports, await loadCredentials(options.stateFolder));
  const { command, cwd, env } = componentSpecs(settings).server;
  return { command, args: [settings.checkout.entryPoint(entry)], cwd, env };
}

/** Another worker for a running stack, which the caller starts and stops; its log is `NAME.log`. */
export async function anotherWorker(
  options: Pick<StackOptions, 'stateFolder' | 'environment' | 'policy'>,
  name: string,
): Promise<ComponentSpec> {
  const { stateFolder } = options;
  const ports = { ...(await lastPorts(stateFolder)), workerMetrics: await freePort() };
  const settings = await settingsOf(options, ports, await loadCredentials(stateFolder));
  return { ...componentSpecs(settings).worker, name };
}

async function settingsOf(options: StackOptions, ports: Ports, credentials: Credentials): Promise<StackSettings> {
  const { stateFolder, environment, stopGraceSeconds = 5 } = options;
  const checkout = findCheckout();
  return {
    checkout,
    stateFolder,
    ports,
    endpoints: endpointsOf(ports),
    credentials,
    webhookSecret: await loadWebhookSecret(stateFolder),
    webhookMasterKey: await loadWebhookMasterKey(stateFolder),
    imagesFile: options.imagesFile ?? (await writeImagesFile(checkout, stateFolder)),
    policy: { ...LOCAL_POLICY, ...options.policy },
    quotas: options.quotas ?? ACCOUNT_QUOTAS,
    stopGraceSeconds,
    faultsFile: options.faultsFile,
    s3FaultsFile: options.s3FaultsFile,
    environment,
  };
}

/** Starts some side by side and waits for all of them, so that nothing is still starting when a problem is reported. */
async function allSettled(
  names: readonly ComponentName[],
  start: (name: ComponentName) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(names.map(start));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function lastPorts(stateFolder: string): Promise<Ports> {
  try {
    const last = JSON.parse(await readFile(path.join(stateFolder, 'ports.json'), 'utf8')) as Partial<Ports>;
    return { ...USUAL_PORTS, ...last };
  } catch {
    return USUAL_PORTS;
  }
}

/** A client of the stack's S3; the caller destroys it. The SDK writes into the credentials that it is given. */
export const stackS3Client = ({ s3 }: Pick<Endpoints, 's3'>, credentials: Credentials): S3Client =>
  new S3Client({ endpoint: s3, region: LOCAL_REGION, credentials: { ...credentials }, forcePathStyle: true });

async function createBucket(endpoint: string, credentials: Credentials): Promise<void> {
  const s3 = stackS3Client({ s3: endpoint }, credentials);
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: LOCAL_BUCKET,
        CreateBucketConfiguration: { LocationConstraint: LOCAL_REGION },
      }),
    );
  } catch (error) {
    if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes((error as Error).name)) throw error;
  } finally {
    s3.destroy();
  }
}
