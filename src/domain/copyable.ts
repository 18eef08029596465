import { isJsonObject, type JsonObject } from './json.ts';
import { mayBeDeclared } from './shape.ts';

/** An index that is copied, as the engine describes it. */
export type CopiedIndex = {
  readonly name: string;
  /** Flat, all with `index.` before them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mappings: JsonObject;
};

/** What an index of its own says of itself, or of the place where it lies; and what its copy gets by another way, or never. */
const leftBehind: readonly RegExp[] = [
  /^index\.(uuid|history_uuid|creation_date|provided_name|verified_before_close|frozen)$/,
  /^index\.(version|blocks|resize|shrink|routing\.(allocation|rebalance)|allocation|recovery|lifecycle)\./,
  /^index\.(number_of_shards|number_of_replicas|auto_expand_replicas|refresh_interval|hidden)$/,
  /^index\.(default_pipeline|final_pipeline|write\.wait_for_active_shards)$/,
  /^index\.soft_deletes\.enabled$/,
];

/** Beside what a user may declare: what shapes an index, and holds of its copy as well. */
const carried: readonly RegExp[] = [
  /^index\.sort\.(field|order|mode|missing)$/,
  /^index\.(routing_partition_size|number_of_routing_shards|gc_deletes|flush_after_merge|shard\.check_on_startup)$/,
  /^index\.(load_fixed_bitset_filters_eagerly|max_[a-z_]+|analyze\.max_token_count|search\.idle\.after)$/,
  /^index\.(mapping|query|translog|soft_deletes\.retention(_lease)?)\.[a-z_.]+$/,
  /^index\.(replication\.type|derived_source\.enabled)$/,
  /^index\.knn(\.|$)/,
];

/** A copy is made with this setting of the index that is copied. */
export function isCarried(setting: string): boolean {
  if (leftBehind.some(pattern => pattern.test(setting))) return false;
  return mayBeDeclared(setting) || carried.some(pattern => pattern.test(setting));
}

/** Why an index cannot be copied so that nothing of it is lost; [] = it can. */
export function copyTroubles(live: CopiedIndex): readonly string[] {
  return [...settingTroubles(live), ...sourceTroubles(live), ...mappingTroubles(live)];
}

const managers: readonly string[] = ['index.lifecycle.name', 'index.plugins.index_state_management.policy_id'];

function settingTroubles({ settings }: CopiedIndex): readonly string[] {
  const manager = managers.find(setting => (settings[setting] ?? '') !== '');
  const isKnown = (setting: string): boolean =>
    isCarried(setting) || managers.includes(setting) || leftBehind.some(pattern => pattern.test(setting));
  const unknown = Object.keys(settings).filter(setting => !isKnown(setting));
  return [
    ...(manager === undefined ? [] : [`a policy manages it (${manager}): take it out of that first`]),
    ...(unknown.length === 0 ? [] : [`it has settings that are not known to hold of a copy: ${unknown.join(', ')}`]),
  ];
}

/** Documents whose source is not what was sent, or not all of it, cannot be sent again. */
function sourceTroubles(live: CopiedIndex): readonly string[] {
  const { mappings, settings } = live;
  const source = objectIn(mappings, '_source');
  const mode = said(source['mode'] ?? settings['index.mapping.source.mode'] ?? 'stored');
  const parts = ['includes', 'excludes'].filter(key => Array.isArray(source[key]) && source[key].length > 0);
  const isDerived = mode !== 'stored' || said(settings['index.derived_source.enabled']) === 'true';
  return [
    ...(said(source['enabled']) === 'false' ? ['it keeps no _source'] : []),
    ...(parts.length > 0 ? [`its _source keeps a part of each document (${parts.join(', ')})`] : []),
    ...(isDerived ? ['its _source is made of its fields, not kept as it was sent'] : []),
    ...(leavesVectorsOut(live) ? ['its _source is without its vectors'] : []),
  ];
}

const vectorTypes: ReadonlySet<unknown> = new Set(['dense_vector', 'sparse_vector', 'rank_vectors']);

/** Elasticsearch 9.2 and later leave vectors out of the source of an index that does not say otherwise. */
function leavesVectorsOut({ settings, mappings }: CopiedIndex): boolean {
  const isOf9 = /^9\d{6}$/.test(said(settings['index.version.created']));
  const isLeftOut = said(settings['index.mapping.exclude_source_vectors'] ?? isOf9) === 'true';
  return isLeftOut && fieldsIn(mappings).some(field => vectorTypes.has(field['type']));
}

const dynamics = ['true', 'false', 'strict', 'runtime'] as const;

/** What becomes of a field that the mapping does not name. */
export type Dynamic = (typeof dynamics)[number];

/** Of the mapping as a whole; undefined = a word that is not known here. */
export function dynamicOf({ dynamic = 'true' }: JsonObject): Dynamic | undefined {
  return dynamics.find(each => each === said(dynamic));
}

function mappingTroubles({ mappings }: CopiedIndex): readonly string[] {
  const inner = fieldsIn(mappings).filter(({ dynamic }) => !['undefined', 'false', 'strict'].includes(said(dynamic)));
  return [
    ...(said(objectIn(mappings, '_routing')['required']) === 'true'
      ? ['its documents need a routing of their own']
      : []),
    ...(dynamicOf(mappings) === undefined ? [`its mapping is dynamic: ${said(mappings['dynamic'])}`] : []),
    ...(inner.length > 0 ? ['objects in its mapping have a dynamic of their own that adds fields'] : []),
  ];
}

/** The definitions of all fields, those within others as well. */
function fieldsIn(definition: JsonObject): readonly JsonObject[] {
  const own = Object.values(objectIn(definition, 'properties')).filter(isJsonObject);
  return own.flatMap(field => [field, ...fieldsIn(field)]);
}

function objectIn(object: JsonObject, key: string): JsonObject {
  const inner = object[key];
  return isJsonObject(inner) ? inner : {};
}

/** A setting as text; undefined = the index has none of its own. */
export function settingOf({ settings }: Pick<CopiedIndex, 'settings'>, name: string): string | undefined {
  const value = settings[name];
  return value === undefined ? undefined : asText(value);
}

/** Engines print flags now as text, now as such. */
function said(value: unknown): string {
  return asText(value).toLowerCase();
}

function asText(value: unknown): string {
  return String(value);
}
