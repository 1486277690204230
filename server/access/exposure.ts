import type { Config } from '../../platform/config';
import { isLoopback } from '../http/security';

type ExposedConfig = Pick<Config, 'publicUrl' | 'publicS3Endpoint' | 'http' | 'access'>;

const isOfThisMachine = (url: string): boolean => isLoopback(new URL(url).hostname);

/** Whether others than people at this machine can reach the server, so that nobody is let in without a key. */
export const keysNeeded = ({ http, publicUrl }: Pick<Config, 'http' | 'publicUrl'>): boolean =>
  !isLoopback(http.host) || !isOfThisMachine(publicUrl);

/**
 * What is missing for a server that others can reach, a line a variable; none on this machine alone. Keys and signed
 * links are secrets on their way: beyond this machine both addresses need HTTPS, from the `tls` profile or another
 * proxy.
 */
export function exposureProblems(config: ExposedConfig): readonly string[] {
  if (!keysNeeded(config)) return [];
  const { access, publicUrl, publicS3Endpoint } = config;
  const isPlain = (url: string): boolean => new URL(url).protocol === 'http:' && !isOfThisMachine(url);
  return [
    ...(access.adminKeyHash === null
      ? [
          'SPACEPORT_ADMIN_KEY_HASH: is not set, and others than people at this machine can reach the server ' +
            '(SPACEPORT_HOST, SPACEPORT_PUBLIC_URL); docker/new-key.sh makes a key and this',
        ]
      : []),
    ...(isPlain(publicUrl)
      ? ['SPACEPORT_PUBLIC_URL: must be https, since keys are sent to it; put a proxy that ends TLS in front']
      : []),
    ...(publicS3Endpoint !== null && isPlain(publicS3Endpoint)
      ? ['SPACEPORT_PUBLIC_S3_ENDPOINT: must be https, since signed links lead to it']
      : []),
  ];
}
