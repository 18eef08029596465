/**
 * Zones of a cluster: nodes that say the same value of one attribute. Versions serve from some of them and are built in
 * another one, held there by filters of allocation that an index carries.
 */
export type Zones = {
  /** Name of the attribute, without `node.attr.` before it. */
  readonly attribute: string;
  readonly serving: readonly string[];
  readonly build: string;
};

/** Settings of an index, flat, as `describe` prints them; in a change null takes one away. */
type Settings = Readonly<Record<string, string>>;
type Change = Readonly<Record<string, string | null>>;

/** What an index was kept off a zone with, so that it can be taken back. */
export type KeptOff = {
  /** Uid of the request that did it. */
  readonly by: string;
  readonly attribute: string;
  readonly zone: string;
  /** What the filter held before; null = there was none. */
  readonly before: string | null;
};

type Filter = 'require' | 'include' | 'exclude';

function filter(kind: Filter, attribute: string): string {
  return `index.routing.allocation.${kind}.${attribute}`;
}

/** For an index that may lie in the build zone alone. */
export function buildZoneSettings({ attribute, build }: Zones): Settings {
  return { [filter('require', attribute)]: build };
}

/** For an index that leaves the build zone, and is kept in the serving ones from then on. */
export function servingZoneSettings({ attribute, serving }: Zones): Change {
  return { [filter('require', attribute)]: null, [filter('include', attribute)]: serving.join(',') };
}

/** An index with these settings may lie in the build zone alone. */
export function isHeldInBuildZone(settings: Settings, { attribute, build }: Zones): boolean {
  return settings[filter('require', attribute)] === build;
}

/** Whatever nodes there are, none of the build zone takes an index with these settings. */
export function isKeptOff(settings: Settings, { attribute, build }: Pick<Zones, 'attribute' | 'build'>): boolean {
  const values = (kind: Filter): readonly string[] => listOf(settings[filter(kind, attribute)]);
  const [required, included] = [values('require'), values('include')];
  if (values('exclude').includes(build)) return true;
  if (required.length > 0 && !required.some(value => mayMean(value, build))) return true;
  return included.length > 0 && !included.some(value => mayMean(value, build));
}

/** A value with a star in it may mean any zone. */
function mayMean(value: string, zone: string): boolean {
  return value === zone || value.includes('*');
}

/** What its filter says now, as the note of whoever keeps an index off a zone has to hold it. */
export function excludedNow(settings: Settings, attribute: string): string | null {
  return settings[filter('exclude', attribute)] ?? null;
}

/** Keeps an index off the zone, beside what it is kept off already. */
export function keepOffSettings({ attribute, zone, before }: Omit<KeptOff, 'by'>): Change {
  return { [filter('exclude', attribute)]: [...listOf(before), zone].join(',') };
}

/** Takes that back. A filter that was changed meanwhile keeps what it says besides. */
export function takeBackSettings(settings: Settings, note: Omit<KeptOff, 'by'>): Change {
  const { attribute, zone, before } = note;
  const key = filter('exclude', attribute);
  if (settings[key] === keepOffSettings(note)[key]) return { [key]: before };
  const left = listOf(settings[key]).filter(value => value !== zone || listOf(before).includes(zone));
  return { [key]: left.length === 0 ? null : left.join(',') };
}

function listOf(value: string | null | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '');
}
