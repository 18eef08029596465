import { describe, expect, it } from '@jest/globals';
import { nearestName } from '../../../src/domain/nearest.ts';

describe('the nearest name', () => {
  it('is the one that was probably meant', () => {
    expect(nearestName('kibanna', ['elastic', 'kibana'])).toBe('kibana');
    expect(nearestName('kibana', ['linux', 'billing'])).toBeUndefined();
    expect(nearestName('a', [])).toBeUndefined();
    // Never the name itself.
    expect(nearestName('kibana', ['kibana'])).toBeUndefined();
    expect(nearestName('kibana', ['kibana', 'kibanna'])).toBe('kibanna');
  });
});
