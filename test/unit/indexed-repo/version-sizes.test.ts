import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../src/domain/errors.ts';
import type { IndexSize } from '../../../src/engine/port.ts';
import { VersionSizes } from '../../../src/indexed-repo/version-sizes.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { aVersionRecord } from '../../support/objects/a-record.ts';

const ofBytes = (bytes: number): IndexSize => ({ bytes, largestBytes: bytes });
const live = aVersionRecord({ index: 'kibana-v1', commit: 'one' });

describe('the size of a live version', () => {
  it('is not known while the engine does not say, and no reason to stop; it is asked again an hour later', async () => {
    const clock = handClock();
    const sizes = new VersionSizes(clock);
    let fails = true;
    const size = async (): Promise<IndexSize> => {
      if (fails) throw new RetryableError('EngineOverloaded', 'not now');
      return ofBytes(7);
    };
    expect(await sizes.of('uid', live, { size })).toBeUndefined();
    fails = false;
    expect(await sizes.of('uid', live, { size })).toBeUndefined();
    await clock.advance(3_600_000);
    expect(await sizes.of('uid', live, { size })).toBe(7);
  });

  it('is that of the version which is live now, and of an object that is there', async () => {
    const sizes = new VersionSizes(handClock());
    const size = async (name: string): Promise<IndexSize> => ofBytes(name.length);
    expect(await sizes.of('uid', live, { size })).toBe(9);
    expect(await sizes.of('uid', { ...live, index: 'kibana-v10' }, { size })).toBe(10);
    sizes.keepOnly(new Set());
    expect(await sizes.of('uid', { ...live, index: 'kibana-v10' }, { size: async () => ofBytes(1) })).toBe(1);
  });

  it('that fails for no reason of an engine is a bug, and told as one', async () => {
    const size = async (): Promise<IndexSize> => {
      throw new TypeError('a bug');
    };
    await expect(new VersionSizes(handClock()).of('uid', live, { size })).rejects.toThrow('a bug');
  });
});
