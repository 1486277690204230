import type { LookupAddress } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';

/** IPv4 blocks outside the internet (IANA special-purpose registry), with multicast and the reserved rest. */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16', // the clouds' metadata services among them
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** The part of IPv6 that is assigned, less tunnels into IPv4 and addresses for documentation. */
const PUBLIC_IPV6 = ['2000::/3'];
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const notPublicIpv4 = blocks('ipv4', NOT_PUBLIC_IPV4);
const publicIpv6 = blocks('ipv6', PUBLIC_IPV6);
const notPublicIpv6 = blocks('ipv6', NOT_PUBLIC_IPV6);

function blocks(family: 'ipv4' | 'ipv6', list: readonly string[]): BlockList {
  const found = new BlockList();
  for (const block of list) {
    const [network = '', bits] = block.split('/');
    found.addSubnet(network, Number(bits), family);
  }
  return found;
}

/** Whether an IP address belongs to the internet, and not to this machine, its network or its cloud. */
export const isPublicAddress = (address: string): boolean =>
  isIPv6(address)
    ? publicIpv6.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6')
    : !notPublicIpv4.check(address, 'ipv4');

/** A host's name leads to an address that is not public; the message names neither. */
export class PrivateAddressError extends Error {
  constructor() {
    super('its host has an address in a private network');
  }
}

/**
 * A `lookup` for sockets that fails with PrivateAddressError when any of the host's addresses is not public. The socket
 * connects to the addresses that were looked at: a name that changes in between leads nowhere else.
 */
export const publicLookup =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, address, family) => {
      if (error !== null) return callback(error, address, family);
      const found = typeof address === 'string' ? [address] : address.map((entry: LookupAddress) => entry.address);
      if (found.every(isPublicAddress)) callback(null, address, family);
      else callback(new PrivateAddressError(), address, family);
    });
