import type { S3Client } from '@aws-sdk/client-s3';
import { loadCredentials } from '../../local/stack/credentials';
import type { Checkout } from '../../local/stack/checkout';
import type { Endpoints } from '../../local/stack/endpoints';
import { LOCAL_BUCKET } from '../../local/stack/components';
import { stackS3Client } from '../../local/stack/stack';
import { findRunningStack } from '../../local/stack/state-folder';
import { LOCAL_EMAIL, type ServerChoice } from '../command';
import { UsageError } from '../usage-error';
import { serverAddress } from './server-address';
import type { ChosenServer } from './chosen-server';
import { readProfile } from './profiles';
import { SpaceportApi } from './spaceport-api';

/**
 * The server of `--server`, `--profile` or SPACEPORT_PROFILE, SPACEPORT_SERVER, the default profile, or the local stack;
 * the first of these that is given. A profile's key goes to no other server. A key is no argument: it would be seen in
 * lists of processes. Throws UsageError.
 */
export async function chooseServer(
  { server, profile }: ServerChoice,
  checkout: Checkout,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenServer> {
  const { SPACEPORT_SERVER, SPACEPORT_KEY, SPACEPORT_PROFILE } = environment;
  const key = SPACEPORT_KEY || null;
  if (server !== null) return { api: new SpaceportApi(server, key), email: null };
  const named = profile ?? (SPACEPORT_PROFILE || null);
  const fromVariable = named === null ? serverAddress('SPACEPORT_SERVER', SPACEPORT_SERVER) : null;
  if (fromVariable !== null) return { api: new SpaceportApi(fromVariable, key), email: null };
  const chosen = await readProfile(named, environment);
  if (chosen !== null) return { api: new SpaceportApi(chosen.server, key ?? chosen.key), email: chosen.email };
  return { api: new SpaceportApi((await localEndpoints(checkout)).server, key), email: LOCAL_EMAIL };
}

/** Throws UsageError where no local stack runs. */
export async function localEndpoints({ stateFolder }: Checkout): Promise<Endpoints> {
  const endpoints = (await findRunningStack(stateFolder))?.endpoints;
  if (!endpoints)
    throw new UsageError('no local stack is running: start one with "npm start", or name a server with --server URL');
  return endpoints;
}

/** The bucket of the local stack, and a client for it. */
export async function localStorage(checkout: Checkout): Promise<{ readonly s3: S3Client; readonly bucket: string }> {
  const s3 = stackS3Client(await localEndpoints(checkout), await loadCredentials(checkout.stateFolder));
  return { s3, bucket: LOCAL_BUCKET };
}
