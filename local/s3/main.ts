import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { logLevelSetting, portSetting, runEndpoint } from '../endpoint-process';
import { FaultPlanFile } from '../faults/fault-plan-file';
import { s3Rule } from './faults/fault-plan';
import { operationFaults } from './faults/operation-faults';
import { createS3Server } from './server';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const environment = z.object({
  SPACEPORT_S3_PORT: portSetting,
  /** Another address than loopback only where a container's network needs it. */
  SPACEPORT_S3_HOST: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),
  SPACEPORT_S3_ROOT: z.string().min(1),
  /** Comma-separated addresses of sites, such as `http://127.0.0.1:3000`; a path does not count. */
  SPACEPORT_S3_CORS_ORIGINS: list.pipe(
    z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)),
  ),
  /** This endpoint as browsers reach it, where a proxy stands in front. */
  SPACEPORT_PUBLIC_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Comma-separated `host:port` by which the endpoint is also reached. */
  SPACEPORT_S3_ALLOWED_HOSTS: list,
  /** A fault plan: what goes wrong on purpose, in tests. */
  SPACEPORT_S3_FAULTS: z.string().min(1).optional(),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_REGION: z.string().min(1).default('us-east-1'),
  LOG_LEVEL: logLevelSetting,
});

void runEndpoint(process.env, {
  name: 'local-s3',
  title: 'The local S3 endpoint',
  environment,
  async start(settings, logger) {
    const { SPACEPORT_S3_ROOT: root, SPACEPORT_S3_FAULTS: faults, SPACEPORT_PUBLIC_S3_ENDPOINT: published } = settings;
    const hosts = settings.SPACEPORT_S3_ALLOWED_HOSTS;
    const { server, close } = await createS3Server({
      root,
      credentials: [{ accessKeyId: settings.AWS_ACCESS_KEY_ID, secretAccessKey: settings.AWS_SECRET_ACCESS_KEY }],
      region: settings.AWS_REGION,
      corsOrigins: settings.SPACEPORT_S3_CORS_ORIGINS,
      allowedHosts: published === undefined ? hosts : [...hosts, new URL(published).host],
      around: faults === undefined ? undefined : operationFaults(new FaultPlanFile(faults, s3Rule), root),
      logger,
    });
    server.listen(settings.SPACEPORT_S3_PORT, settings.SPACEPORT_S3_HOST);
    await once(server, 'listening');
    const { address, port, family } = server.address() as AddressInfo;
    return { ready: { listening: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` }, close };
  },
});
