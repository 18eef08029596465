import { describe, expect, it } from '@jest/globals';
import { allowedAddresses, isInnerAddress, type Lookup } from '../../../src/git/host-rule.ts';

describe('the host of a remote', () => {
  it.each([
    ['10.1.2.3', true],
    ['127.0.0.1', true],
    ['169.254.169.254', true],
    ['172.16.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['100.64.0.1', true],
    ['0.0.0.0', true],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['192.0.0.8', true],
    ['198.51.100.7', true],
    ['8.8.8.8', false],
    ['140.82.112.3', false],
    ['::1', true],
    ['::', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:8.8.8.8', true],
    ['::10.0.0.1', true],
    ['64:ff9b::a00:1', true],
    ['64:ff9b::10.0.0.1', true],
    ['64:ff9b::1', true],
    ['64:ff9b::', true],
    ['64:ff9b::8c52:7003', false],
    ['64:ff9b:1::8c52:7003', true],
    ['2002:a00:1::', true],
    ['2001:0:a00:1::', true],
    ['2001:db8::1', true],
    ['fec0::1', true],
    ['ff02::1', true],
    ['fd00:ec2::254', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['2606:50c0::1', false],
    ['not an address', true],
  ])('at %s is inside the network: %s', (address, inner) => {
    expect(isInnerAddress(address)).toBe(inner);
  });

  const at =
    (...addresses: readonly string[]): Lookup =>
    async () =>
      addresses;

  it.each<readonly [string, string, readonly string[]]>([
    ['an address on the list', '10.1.2.3', ['10.1.2.3']],
    ['a name on the list', 'git.corp', ['git.corp']],
    ['a name on the list, in whatever case it was listed', 'git.corp', ['Git.Corp']],
    ['a name below a listed domain', 'git.corp.example', ['*.corp.example']],
  ])('may be anywhere: %s', async (_row, host, allowed) => {
    await expect(allowedAddresses(host, allowed)).resolves.toEqual([]);
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['a public address', '140.82.112.3', ['140.82.112.3']],
    ['a name at public addresses', 'git.example.org', ['140.82.112.3', '2606:50c0::1']],
    ['a name in a network without IPv4', 'git.example.org', ['64:ff9b::8c52:7003']],
  ])('is asked at the addresses that were looked at: %s', async (_row, host, addresses) => {
    await expect(allowedAddresses(host, [], { lookUp: at(...addresses) })).resolves.toEqual(addresses);
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['what is not on a list', '140.82.112.3', ['git.corp']],
    ['a domain that is listed for what is below it only', 'corp.example', ['*.corp.example']],
    ['a name that only ends like a listed one', 'evilcorp.example', ['*.corp.example']],
  ])('may not be asked: %s', async (_row, host, allowed) => {
    await expect(allowedAddresses(host, allowed)).rejects.toMatchObject({ reason: 'HostNotAllowed' });
  });

  it.each([
    ['an inner address', '127.0.0.1'],
    ['a name of this machine', 'localhost'],
    ['an address as one decimal number', '2130706433'],
    ['an address as one hexadecimal number', '0x7f000001'],
    ['an address as one octal number', '017700000001'],
    ['an address with parts left out', '127.1'],
    ['the cloud metadata address as a number', '2852039166'],
    ['zero', '0'],
  ])('may not be asked: %s, by what the machine itself makes of it', async (_row, host) => {
    await expect(allowedAddresses(host, [])).rejects.toMatchObject({ reason: 'HostNotAllowed' });
  });

  it.each<readonly [string, Lookup]>([
    ['at a service of the cluster', at('10.96.0.1')],
    ['at a public and at an inner address', at('140.82.112.3', '169.254.169.254')],
    ['at no address at all', at()],
  ])('may not be asked: a name %s', async (_row, lookUp) => {
    await expect(allowedAddresses('git.example.org', [], { lookUp })).rejects.toMatchObject({
      reason: 'HostNotAllowed',
    });
  });

  it('behind a proxy may be asked when it is listed only, for the proxy looks its name up itself', async () => {
    const behind = { lookUp: at('140.82.112.3'), isProxied: () => true };
    const refused = allowedAddresses('git.example.org', [], behind);
    await expect(refused).rejects.toMatchObject({ reason: 'HostNotAllowed', message: expect.stringMatching(/proxy/) });
    await expect(allowedAddresses('git.example.org', ['*.example.org'], behind)).resolves.toEqual([]);
  });

  it('that does not resolve is asked for again', async () => {
    await expect(allowedAddresses('no-such-host.invalid', [])).rejects.toMatchObject({ reason: 'RemoteUnreachable' });
  });
});
