import type { Config } from '../../platform/config';
import { isLoopback } from '../http/security';

type ExposedConfig = Pick<Config, 'publicUrl' | 's3Endpoint' | 'publicS3Endpoint' | 'http' | 'access'>;

const isOfThisMachine = (url: string): boolean => isLoopback(new URL(url).hostname);

/** Whether others than people at this machine can reach the server, so that nobody is let in without a key. */
export const keysNeeded = ({ http, publicUrl }: Pick<Config, 'http' | 'publicUrl'>): boolean =>
  !isLoopback(http.host) || !isOfThisMachine(publicUrl);

/**
 * What is missing for a server that others can reach, a line a variable; none on this machine alone. Keys and signed
 * links are secrets on their way: beyond this machine both addresses need HTTPS, from the `tls` profile or another
 * proxy, which is declared so that callers are told apart.
 */
export function exposureProblems(config: ExposedConfig): readonly string[] {
  if (!keysNeeded(config)) return [];
  const { access, publicUrl, s3Endpoint, publicS3Endpoint, http } = config;
  /** Where signed links lead; null = to AWS. */
  const links = publicS3Endpoint ?? s3Endpoint;
  const isPlain = (url: string): boolean => new URL(url).protocol === 'http:';
  const forThisMachine = isOfThisMachine(publicUrl);
  return [
    ...(access.adminKeyHash === null
      ? [
          'SPACEPORT_ADMIN_KEY_HASH: is not set, and others than people at this machine can reach the server ' +
            '(SPACEPORT_HOST, SPACEPORT_PUBLIC_URL); docker/new-key.sh makes a key and this',
        ]
      : []),
    ...(isPlain(publicUrl) && !forThisMachine
      ? ['SPACEPORT_PUBLIC_URL: must be https, since keys are sent to it; put a proxy that ends TLS in front']
      : []),
    ...(!forThisMachine && http.trustedProxies === 0
      ? [
          'SPACEPORT_TRUST_PROXY: is 0, but this server ends no TLS itself; set the number of proxies in front of it, ' +
            'so that limits count each caller and not the proxy',
        ]
      : []),
    ...(links !== null && isPlain(links) && !(forThisMachine && isOfThisMachine(links))
      ? [
          publicS3Endpoint === null
            ? 'SPACEPORT_PUBLIC_S3_ENDPOINT: is not set, and AWS_ENDPOINT_URL_S3 is not https; name S3 as browsers ' +
              'reach it by https, since signed links lead to it'
            : 'SPACEPORT_PUBLIC_S3_ENDPOINT: must be https, since signed links lead to it',
        ]
      : []),
  ];
}
