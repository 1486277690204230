import { findImage, type ImageManifest } from './image-manifest';
import type { ContainerCommand, NewJob } from '../jobs/job-record';

/** A request's container settings, in one form for both kinds of job. */
interface ContainerRequest {
  image: string;
  /** Words in place of the image's ENTRYPOINT. */
  entrypoint?: string[] | undefined;
  arguments?: string[] | undefined;
  environment: Record<string, string>;
  networkIsolation: boolean;
}

/** How containers run here. `environment` is what a process (or docker's client) gets besides its own variables. */
export type ContainerRunner =
  | { kind: 'process'; images: ImageManifest; environment: Record<string, string> }
  | { kind: 'docker'; environment: Record<string, string> };

/**
 * `train` takes the place of CMD where a training job names neither entry point nor arguments ("docker run image
 * train").
 */
export function containerRequest(job: NewJob & { arn: string }): ContainerRequest {
  if (job.kind === 'processing') {
    const { request } = job;
    const { ImageUri, ContainerEntrypoint, ContainerArguments } = request.AppSpecification;
    return {
      image: ImageUri,
      entrypoint: ContainerEntrypoint,
      arguments: ContainerArguments,
      environment: request.Environment ?? {},
      networkIsolation: request.NetworkConfig?.EnableNetworkIsolation ?? false,
    };
  }
  const { request } = job;
  const { TrainingImage, ContainerEntrypoint, ContainerArguments } = request.AlgorithmSpecification;
  return {
    image: TrainingImage,
    entrypoint: ContainerEntrypoint,
    arguments: ContainerArguments ?? (ContainerEntrypoint ? undefined : ['train']),
    environment: { ...request.Environment, TRAINING_JOB_NAME: job.name, TRAINING_JOB_ARN: job.arn },
    networkIsolation: request.EnableNetworkIsolation ?? false,
  };
}

/**
 * The command that runs the container on this machine, with `tree` as its /opt/ml. Undefined when the process runner
 * has no entry for the image.
 */
export function resolveCommand(
  runner: ContainerRunner,
  request: ContainerRequest,
  tree: string,
  name: string,
): ContainerCommand | undefined {
  if (runner.kind === 'docker') return dockerCommand(request, tree, name, runner.environment);
  const image = findImage(runner.images, request.image);
  if (!image) return undefined;
  return {
    argv: [...(request.entrypoint ?? image.argv), ...(request.arguments ?? [])],
    cwd: image.cwd,
    env: { ...runner.environment, ...image.env, ...request.environment, SAGEMAKER_BASE_DIR: tree },
  };
}

function dockerCommand(
  request: ContainerRequest,
  tree: string,
  name: string,
  env: Record<string, string>,
): ContainerCommand {
  const [entrypoint, ...entrypointArguments] = request.entrypoint ?? [];
  return {
    argv: [
      'docker',
      'run',
      '--rm',
      '--name',
      name,
      '--volume',
      `${tree}:/opt/ml`,
      ...(request.networkIsolation ? ['--network', 'none'] : []),
      ...Object.entries(request.environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...(entrypoint === undefined ? [] : ['--entrypoint', entrypoint]),
      request.image,
      ...entrypointArguments,
      ...(request.arguments ?? []),
    ],
    cwd: '/',
    env,
    // SIGTERM passes through docker's client, SIGKILL does not.
    remove: ['docker', 'rm', '--force', name],
  };
}
