import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import { proxyFor } from '../runtime/proxy.ts';

/** IPv4 addresses that no Git host on the internet has: private, loopback, link-local, shared, reserved, multicast. */
const innerIpv4 = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  innerIpv4.addSubnet(net, prefix, 'ipv4');

/** The one range of IPv6 that is handed out on the internet; what else there is belongs to somebody's network. */
const publicIpv6 = new BlockList();
publicIpv6.addSubnet('2000::', 3, 'ipv6');

/** Parts of it that are not a host's own address: tunnels that carry any IPv4 address inside, and documentation. */
const innerIpv6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  innerIpv6.addSubnet(net, prefix, 'ipv6');

/** Under this a network without IPv4 gives the names of IPv4 hosts (NAT64): what counts is the address inside. */
const nat64 = new BlockList();
nat64.addSubnet('64:ff9b::', 96, 'ipv6');

/** Whether an address may be one of the network that the operator lives in; true for what is no address at all. */
export function isInnerAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // Asked by family: a list for both would hold every IPv4 address against the range that maps them into IPv6.
  if (family === 4) return innerIpv4.check(address);
  if (nat64.check(address, 'ipv6')) return innerIpv4.check(lastFourBytes(address));
  return !publicIpv6.check(address, 'ipv6') || innerIpv6.check(address, 'ipv6');
}

/** The IPv4 address at the end of an address of NAT64. */
function lastFourBytes(address: string): string {
  // The URL parser writes it as 64:ff9b:: and at most two groups of hexadecimal digits, whatever it was written like.
  const [, tail = ''] = /::(.*)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? [];
  return ['0', '0', ...tail.split(':')]
    .slice(-2)
    .map(group => Number.parseInt(group === '' ? '0' : group, 16))
    .flatMap(group => [group >> 8, group & 0xff])
    .join('.');
}

/** Addresses of a host name; rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export type Looking = {
  readonly lookUp?: Lookup;
  /** Whether Git goes through a proxy to it. */
  readonly isProxied?: (host: string) => boolean;
};

/**
 * Where a host may be reached: the addresses that were looked at, for Git to be pinned to (a name may lead elsewhere
 * when it is asked a second time), or none for a host on the list, which may be anywhere. With a list, any other host is
 * refused; without one, a host must be reached directly and not be at an address inside the network: what may write a CR must not be able to
 * reach what only the operator and its workers can.
 * Throws TerminalError(HostNotAllowed), or RetryableError(RemoteUnreachable) when the name does not resolve.
 */
export async function allowedAddresses(
  host: string,
  allowed: readonly string[],
  { lookUp = systemLookup, isProxied = isProxiedHere }: Looking = {},
): Promise<readonly string[]> {
  if (allowed.some(entry => matches(host, entry.toLowerCase()))) return [];
  if (allowed.length > 0)
    throw new TerminalError('HostNotAllowed', `${host} is not among the allowed Git hosts of the operator`);
  if (isProxied(host))
    throw new TerminalError(
      'HostNotAllowed',
      `${host} is reached through a proxy, which looks names up itself: list it in git.allowedHosts to allow that`,
    );
  const addresses = await addressesOf(host, lookUp);
  if (addresses.length === 0 || addresses.some(isInnerAddress))
    throw new TerminalError(
      'HostNotAllowed',
      `${host} is at an address inside the network: list it in git.allowedHosts to allow that`,
    );
  return addresses;
}

/** `git.example.org`, or `*.example.org` for every host below. */
function matches(host: string, entry: string): boolean {
  return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry;
}

async function addressesOf(host: string, lookUp: Lookup): Promise<readonly string[]> {
  try {
    return await lookUp(host);
  } catch (error) {
    throw new RetryableError('RemoteUnreachable', `the name ${host} does not resolve`, { cause: error });
  }
}

const isProxiedHere = (host: string): boolean => proxyFor(host, process.env) !== undefined;

/** As Git and ssh will ask: numbers in any base are addresses too, and families that are not set up here are left out. */
const systemLookup: Lookup = async host =>
  (await lookup(host, { all: true, hints: ADDRCONFIG })).map(each => each.address);
