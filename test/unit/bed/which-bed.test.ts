import { describe, expect, it } from '@jest/globals';
import { RefusedError } from '../../bed/refused.ts';
import { bedNamed } from '../../bed/which-bed.ts';

describe('which bed', () => {
  it('is the usual one without a name', () => {
    expect(bedNamed('')).toMatchObject({
      name: 'reindeer-bed',
      hostInterface: 'reindeer-bed',
      network: '10.231',
      cgroupRoot: '/reindeer-bed',
    });
  });

  it('shares nothing of the machine with the usual one when it has a name', () => {
    const usual = bedNamed('');
    const another = bedNamed('mine');
    for (const [part, value] of Object.entries(another)) expect(usual).not.toHaveProperty(part, value);
  });

  it('has a range of private addresses and an interface that the kernel takes, whatever its name', () => {
    for (const name of ['a', 'b7', 'kind', 'longname', 'z9999999']) {
      const { hostInterface, network } = bedNamed(name);
      expect(hostInterface.length).toBeLessThanOrEqual(15);
      expect(network).toMatch(/^10\.2(3[2-9]|4\d|5[0-4])$/);
    }
  });

  it.each(['Mine', 'a-b', 'toolongname', '1st', '../x', ' '])('cannot be called %j', name => {
    expect(() => bedNamed(name)).toThrow(RefusedError);
  });
});
