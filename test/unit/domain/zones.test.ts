import { describe, expect, it } from '@jest/globals';
import {
  buildZoneSettings,
  isHeldInBuildZone,
  isKeptOff,
  keepOffSettings,
  servingZoneSettings,
  takeBackSettings,
} from '../../../src/domain/zones.ts';

const zones = { attribute: 'zone', serving: ['north', 'south'], build: 'spare' };
const [require_, include, exclude] = ['require', 'include', 'exclude'].map(
  kind => `index.routing.allocation.${kind}.zone`,
) as [string, string, string];

describe('filters of zones', () => {
  it('hold a version in the build zone, and then in the serving ones', () => {
    expect(buildZoneSettings(zones)).toEqual({ [require_]: 'spare' });
    expect(isHeldInBuildZone(buildZoneSettings(zones), zones)).toBe(true);
    expect(servingZoneSettings(zones)).toEqual({ [require_]: null, [include]: 'north,south' });
    expect(isHeldInBuildZone({ [include]: 'north,south' }, zones)).toBe(false);
  });

  it.each([
    ['without a filter it may lie there', {}, false],
    ['excluded beside others', { [exclude]: 'old, spare' }, true],
    ['another zone excluded', { [exclude]: 'old' }, false],
    ['included elsewhere', { [include]: 'north,south' }, true],
    ['included there too', { [include]: 'north,spare' }, false],
    ['a star may mean it', { [include]: 'sp*' }, false],
    ['another zone required', { [require_]: 'north' }, true],
    ['required there', { [require_]: 'spare' }, false],
    ['another attribute says nothing of it', { 'index.routing.allocation.include.rack': 'r1' }, false],
  ])('%s', (_row, settings, isOff) => {
    expect(isKeptOff(settings, zones)).toBe(isOff);
  });

  it.each([[null], ['old'], ['old,older']])('are taken back to what was before: %s', before => {
    const note = { attribute: 'zone', zone: 'spare', before };
    const set = keepOffSettings(note);
    expect(isKeptOff({ [exclude]: set[exclude] ?? '' }, zones)).toBe(true);
    expect(takeBackSettings({ [exclude]: set[exclude] ?? '' }, note)).toEqual({ [exclude]: before });
  });

  it('keep what somebody else made of them meanwhile', () => {
    const note = { attribute: 'zone', zone: 'spare', before: null };
    expect(takeBackSettings({ [exclude]: 'spare,drained' }, note)).toEqual({ [exclude]: 'drained' });
    expect(takeBackSettings({}, note)).toEqual({ [exclude]: null });
  });
});
