import { describe, expect, it } from '@jest/globals';
import { freeBytesAt, watermarksOf, type ClusterSettings } from '../../../../src/engine/rest/watermarks.ts';

const gib = 1024 ** 3;
const disk = 'cluster.routing.allocation.disk';
const stages = {
  [`${disk}.watermark.low`]: '85%',
  [`${disk}.watermark.high`]: '90%',
  [`${disk}.watermark.flood_stage`]: '95%',
};
const headrooms = {
  [`${disk}.watermark.low.max_headroom`]: '200GB',
  [`${disk}.watermark.high.max_headroom`]: '150GB',
  [`${disk}.watermark.flood_stage.max_headroom`]: '100GB',
};

function settings(set: object, defaults: object = { ...stages, ...headrooms }): ClusterSettings {
  return { set: { ...set }, defaults: { ...defaults } };
}

describe('a watermark in bytes that stay free', () => {
  it.each([
    ['a percentage of what is used', '85%', '', 1000, 150],
    ['a percentage with a fraction', '99.5%', '', 1000, 5],
    ['a ratio of what is used', '0.9', '', 1000, 100],
    ['bytes', '500b', '', 1000, 500],
    ['kilobytes', '2kb', '', 10_000, 2048],
    ['gigabytes in another case', '1GB', '', 10 * gib, gib],
    ['a share of a large disk, as far as the headroom goes', '85%', '200gb', 10_000 * gib, 200 * gib],
    ['a share of a small disk, which the headroom does not reach', '85%', '200gb', 100 * gib, 15 * gib],
    ['a share without a limit', '85%', '-1', 10_000, 1500],
    ['a headroom that bytes do not have', '500gb', '200gb', 10_000 * gib, 500 * gib],
    ['no watermark', '', '', 1000, 0],
  ])('is had from %s', (_what, watermark, headroom, total, free) => {
    expect(freeBytesAt(watermark, headroom, total)).toBeCloseTo(free, -1);
  });
});

describe('the watermarks of a node', () => {
  it('are those of the engine where nothing was set, headroom included', () => {
    expect(watermarksOf(settings({}), 2000 * gib, false)).toEqual({
      lowBytes: 200 * gib,
      highBytes: 150 * gib,
      floodBytes: 100 * gib,
    });
  });

  it('have no headroom any more once they are set themselves, unless that is set too', () => {
    const low = settings({ [`${disk}.watermark.low`]: '80%' });
    expect(watermarksOf(low, 2000 * gib, false).lowBytes).toBeCloseTo(400 * gib, -3);
    const both = settings({ [`${disk}.watermark.low`]: '80%', [`${disk}.watermark.low.max_headroom`]: '50gb' });
    expect(watermarksOf(both, 2000 * gib, false).lowBytes).toBe(50 * gib);
  });

  it('are none where the engine does not look at disks', () => {
    const off = settings({ [`${disk}.threshold_enabled`]: 'false' });
    expect(watermarksOf(off, 1000, false)).toEqual({ lowBytes: 0, highBytes: 0, floodBytes: 0 });
  });

  it('are the flood stage alone for a single node of an engine that spares it the others', () => {
    const spared = settings({}, { ...stages, [`${disk}.watermark.enable_for_single_data_node`]: 'false' });
    expect(watermarksOf(spared, 1000, true)).toEqual({ lowBytes: 0, highBytes: 0, floodBytes: 50 });
    expect(watermarksOf(spared, 1000, false).highBytes).toBe(100);
  });
});
