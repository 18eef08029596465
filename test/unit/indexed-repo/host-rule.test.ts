import { describe, expect, it } from '@jest/globals';
import { assertHostAllowed, isInnerAddress } from '../../../src/indexed-repo/host-rule.ts';

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
    ['255.255.255.255', true],
    ['140.82.112.3', false],
    ['::1', true],
    ['::', true],
    ['::ffff:10.0.0.1', true],
    ['64:ff9b::a00:1', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['2606:50c0::1', false],
    ['not an address', true],
  ])('at %s is inside the network: %s', (address, inner) => {
    expect(isInnerAddress(address)).toBe(inner);
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['an address on the list', '10.1.2.3', ['10.1.2.3']],
    ['a name on the list', 'git.corp', ['git.corp']],
    ['a name below a listed domain', 'git.corp.example', ['*.corp.example']],
    ['a public address without a list', '140.82.112.3', []],
    ['a bracketed public address without a list', '[2606:50c0::1]', []],
  ])('may be asked: %s', async (_row, host, allowed) => {
    await expect(assertHostAllowed(host, allowed)).resolves.toBeUndefined();
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['an inner address without a list', '127.0.0.1', []],
    ['an inner address in brackets', '[::1]', []],
    ['a name that resolves inside', 'localhost', []],
    ['what is not on a list', '140.82.112.3', ['git.corp']],
    ['a domain that is listed for what is below it only', 'corp.example', ['*.corp.example']],
    ['a name that only ends like a listed one', 'evilcorp.example', ['*.corp.example']],
  ])('may not be asked: %s', async (_row, host, allowed) => {
    await expect(assertHostAllowed(host, allowed)).rejects.toMatchObject({ reason: 'HostNotAllowed' });
  });

  it('that does not resolve is asked for again', async () => {
    await expect(assertHostAllowed('no-such-host.invalid', [])).rejects.toMatchObject({ reason: 'RemoteUnreachable' });
  });
});
