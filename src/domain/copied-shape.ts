import { bounded } from './bounded-text.ts';
import { copyTroubles, dynamicOf, isCarried, settingOf, type CopiedIndex, type Dynamic } from './copyable.ts';
import { TerminalError } from './errors.ts';
import type { IndexBody, IndexMeta } from './index-body.ts';
import type { JsonObject } from './json.ts';
import { declaredFields, declaredSettings, type CopiedShape } from './shape.ts';

/** Dynamic settings of an index: text, or null for the engine's default. */
export type DynamicSettings = Readonly<Record<string, string | null>>;

/** What a copy gets between its last document and the switch: none of it may touch documents on their way into it. */
export type Serving = { readonly settings: DynamicSettings; readonly dynamic: Dynamic };

/**
 * The body of an index that another one is copied into, for the time it is filled: what the other one has, with what is
 * declared laid over, a field or an analyzer as a whole; hidden, without replicas, refresh and pipelines, and taking no fields by
 * itself. {@link settledSettings} and {@link servingOf} give the rest. Throws TerminalError:
 * CopyRefused naming what of the index a copy would lose, SettingsRejected and MappingRejected for what is declared.
 */
export function copiedBody(live: CopiedIndex, declared: CopiedShape, meta: IndexMeta): IndexBody {
  const troubles = [...copyTroubles(live), ...metaTroubles(live, meta)];
  if (troubles.length > 0)
    throw new TerminalError('CopyRefused', bounded(`${live.name} cannot be copied: ${troubles.join('; ')}`));
  const { properties = {}, ...others } = live.mappings;
  return {
    settings: {
      ...settingsOf(live, declared),
      'index.number_of_replicas': '0',
      'index.refresh_interval': '-1',
      'index.hidden': 'true',
    },
    mappings: {
      ...others,
      dynamic: fillingDynamic(live),
      _meta: { ...metaOfOthers(live), ...meta },
      properties: { ...(properties as JsonObject), ...declaredFields(declared) },
    },
  };
}

/**
 * A copy adds no fields by itself: the first document of its own would decide what they are. Whoever fills it gives it the
 * fields of the live index before each document that has them, so what is not named then holds nothing that is indexed, such
 * as null or [], which an index that adds fields takes and a strict one refuses.
 */
function fillingDynamic({ mappings }: CopiedIndex): Dynamic {
  const dynamic = dynamicOf(mappings);
  return dynamic === 'true' || dynamic === 'false' ? 'false' : 'strict';
}

/** What it has once it is filled, and before it serves: copies and refresh, as declared or as the index that is copied. */
export function settledSettings(live: CopiedIndex, declared: CopiedShape): DynamicSettings {
  const refresh = declaredSettings(declared)['index.refresh_interval'] ?? settingOf(live, 'index.refresh_interval');
  return {
    ...copiesOf(live, declared),
    'index.refresh_interval': refresh === undefined ? null : String(refresh),
  };
}

/** What it serves with beside that, as the index that is copied. */
export function servingOf(live: CopiedIndex): Serving {
  const given = servingNames.flatMap(name => {
    const value = settingOf(live, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    settings: { 'index.hidden': null, ...Object.fromEntries(given) },
    // What has another word for it is not copied.
    dynamic: dynamicOf(live.mappings) ?? 'strict',
  };
}

const servingNames = [
  'index.hidden',
  'index.default_pipeline',
  'index.final_pipeline',
  'index.write.wait_for_active_shards',
] as const;

/** An index that makes as many copies as there are nodes goes on to, unless a number is declared. */
function copiesOf(live: CopiedIndex, { replicas }: CopiedShape): DynamicSettings {
  const expands = settingOf(live, 'index.auto_expand_replicas') ?? 'false';
  if (replicas === undefined && expands !== 'false') return { 'index.auto_expand_replicas': expands };
  return { 'index.number_of_replicas': String(replicas ?? settingOf(live, 'index.number_of_replicas') ?? 1) };
}

function settingsOf(live: CopiedIndex, declared: CopiedShape): JsonObject {
  const before = settingOf(live, 'index.number_of_shards') ?? '1';
  const shards = String(declared.shards ?? before);
  const asDeclared = declaredSettings(declared);
  const parts = new Set(Object.keys(asDeclared).map(partOf));
  // Another number of shards may be none that these can be split from.
  const isKept = (name: string): boolean => name !== 'index.number_of_routing_shards' || shards === before;
  const kept = Object.entries(live.settings).filter(
    ([name]) => isCarried(name) && isKept(name) && !parts.has(partOf(name)),
  );
  return { ...Object.fromEntries(kept), ...asDeclared, 'index.number_of_shards': shards };
}

/** What is declared as a whole: an analyzer, a similarity; a setting of any other kind by itself. */
function partOf(setting: string): string {
  return /^index\.(analysis\.[^.]+|similarity)\.[^.]+/.exec(setting)?.[0] ?? setting;
}

/** Every field of ours in `_meta`, whether a version has it or not. */
const ownFields = {
  managedBy: true,
  schema: true,
  alias: true,
  version: true,
  ownerUid: true,
  requestUid: true,
  request: true,
  token: true,
  shapeHash: true,
  replaces: true,
  scratchOf: true,
  zones: true,
  keptOff: true,
  copied: true,
} satisfies Record<keyof IndexMeta, true>;

/** What applications keep in `_meta` goes along. */
function metaOfOthers({ mappings }: CopiedIndex): JsonObject {
  const meta = (mappings['_meta'] ?? {}) as JsonObject; // an engine takes nothing else there
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !Object.hasOwn(ownFields, name)));
}

/** An index that is not ours may have a word of its own under a name that we need. */
function metaTroubles({ mappings }: CopiedIndex, { managedBy }: IndexMeta): readonly string[] {
  const meta = (mappings['_meta'] ?? {}) as JsonObject; // as above
  const taken = Object.keys(meta).filter(name => Object.hasOwn(ownFields, name));
  if (meta['managedBy'] === managedBy || taken.length === 0) return [];
  return [`its _meta has ${taken.join(', ')}, which Reindeer needs in a copy`];
}
