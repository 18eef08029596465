import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { RetryableError, TerminalError } from '../domain/errors.ts';

/** Addresses that a Git host on the internet cannot have: private, loopback, link-local, shared, reserved. */
const inner = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['240.0.0.0', 4],
] as const)
  inner.ipv4.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  inner.ipv6.addSubnet(net, prefix, 'ipv6');

export function isInnerAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // One list for both would hold every IPv4 address against the mapped range ::ffff:0:0/96.
  return family === 4 ? inner.ipv4.check(address) : inner.ipv6.check(address, 'ipv6');
}

/**
 * A host on the list may be anywhere. With a list, any other host is refused; without one, a host must not resolve to
 * an address inside the network: what may write a CR must not be able to reach what only the operator can.
 * Throws TerminalError(HostNotAllowed), or RetryableError(RemoteUnreachable) when the name does not resolve.
 */
export async function assertHostAllowed(host: string, allowed: readonly string[]): Promise<void> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (allowed.some(entry => matches(bare, entry))) return;
  if (allowed.length > 0)
    throw new TerminalError('HostNotAllowed', `${bare} is not among the allowed Git hosts of the operator`);
  const addresses = await addressesOf(bare);
  if (addresses.some(isInnerAddress))
    throw new TerminalError(
      'HostNotAllowed',
      `${bare} is at an address inside the network: list it in git.allowedHosts to allow that`,
    );
}

/** `git.example.org`, or `*.example.org` for every host below. */
function matches(host: string, entry: string): boolean {
  return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(each => each.address);
  } catch (error) {
    throw new RetryableError('RemoteUnreachable', `the name ${host} does not resolve`, { cause: error });
  }
}
