import type { Watermarks } from '../port.ts';

/** Settings of a cluster, flat: those that somebody set, and what holds where nothing was set. */
export type ClusterSettings = {
  readonly set: Readonly<Record<string, unknown>>;
  readonly defaults: Readonly<Record<string, unknown>>;
};

/** The value that holds; '' = this engine has no such setting. */
export function settingIn({ set, defaults }: ClusterSettings, name: string): string {
  const value = set[name] ?? defaults[name];
  return Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : '';
}

const disk = 'cluster.routing.allocation.disk';
const none: Watermarks = { lowBytes: 0, highBytes: 0, floodBytes: 0 };

/** What has to stay free on a disk of this size. `isOnly`: no other node of the cluster holds data. */
export function watermarksOf(settings: ClusterSettings, totalBytes: number, isOnly: boolean): Watermarks {
  if (settingIn(settings, `${disk}.threshold_enabled`) === 'false') return none;
  const [lowBytes = 0, highBytes = 0, floodBytes = 0] = ['low', 'high', 'flood_stage'].map(stage =>
    freeBytesAt(settingIn(settings, `${disk}.watermark.${stage}`), headroomOf(settings, stage), totalBytes),
  );
  // OpenSearch asks a node that is the only one for the flood stage alone: its shards can go nowhere else.
  const isSpared = isOnly && settingIn(settings, `${disk}.watermark.enable_for_single_data_node`) === 'false';
  return isSpared ? { ...none, floodBytes } : { lowBytes, highBytes, floodBytes };
}

/** The engine drops its own default once the watermark is set, and still lists it among the defaults. */
function headroomOf(settings: ClusterSettings, stage: string): string {
  const [watermark, headroom] = [`${disk}.watermark.${stage}`, `${disk}.watermark.${stage}.max_headroom`];
  const isDropped = settings.set[watermark] !== undefined && settings.set[headroom] === undefined;
  return isDropped ? '' : settingIn(settings, headroom);
}

/**
 * Bytes that have to be free on a disk of this size for it to be below a watermark: `85%` or `0.85` of it may be used, or
 * `500mb` stay free. `headroom` is the most that a share keeps free; '' or `-1` = no limit. 0 for what is no watermark.
 */
export function freeBytesAt(watermark: string, headroom: string, totalBytes: number): number {
  const share = usedShare(watermark);
  if (share === undefined) return bytesOf(watermark) ?? 0;
  return Math.min(Math.round(totalBytes * (1 - share)), bytesOf(headroom) ?? Infinity);
}

function usedShare(watermark: string): number | undefined {
  const [, figure, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(watermark.trim()) ?? [];
  if (figure === undefined) return undefined;
  return Number(figure) / (percent === '%' ? 100 : 1);
}

const units = ['b', 'k', 'm', 'g', 't', 'p'];

/** `500mb`, `1.5g`; undefined for anything else, `-1` included. */
function bytesOf(size: string): number | undefined {
  const [, figure, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*(?:(b)|([kmgtp])b?)$/i.exec(size.trim())?.filter(Boolean) ?? [];
  return figure === undefined ? undefined : Math.round(Number(figure) * 1024 ** units.indexOf(unit.toLowerCase()));
}
