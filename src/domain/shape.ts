import { declarationHash, deepest } from './declaration-hash.ts';
import { documentFields, fixedFields } from './document-model.ts';
import { TerminalError } from './errors.ts';
import type { IndexBody, IndexMeta } from './index-body.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { ownValue } from './own-value.ts';

/** What a user says about an index; `api/fragments.ts` describes the fields. */
export type Shape = {
  readonly shards?: number | undefined;
  readonly replicas: number;
  readonly settings?: JsonObject | undefined;
  readonly mappings?: JsonObject | undefined;
};

/** What an index that is copied has of its own: what is absent is as in the index that is read. */
export type CopiedShape = Omit<Shape, 'replicas'> & { readonly replicas?: number | undefined };

/**
 * Names what of a shape takes a new index: the same for the same declaration, in whatever order its keys stand.
 * Replicas are left out, they are changed in place.
 */
export function shapeHash({ replicas: _inPlace, ...lasting }: Shape | CopiedShape): string {
  return declarationHash(lasting);
}

function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some(inner => isTooDeep(inner, levels - 1));
}

/** Everything that a candidate is created with. */
export type Candidate = {
  readonly shape: Shape;
  /** Used where the shape names no number. */
  readonly shards: number;
  readonly meta: Partial<IndexMeta>;
};

/**
 * Full settings and mappings of a candidate, for the time of its build: no replicas, no refresh. {@link servingSettings}
 * gives back both. Throws TerminalError: SettingsRejected naming the settings that are not on the allow list,
 * MappingRejected for mappings that take away what the worker needs.
 */
export function indexBody({ shape, shards, meta }: Candidate): IndexBody {
  return {
    settings: {
      ...declaredSettings(shape),
      'index.number_of_shards': String(shape.shards ?? shards),
      'index.number_of_replicas': '0',
      'index.refresh_interval': '-1',
    },
    mappings: { dynamic: 'strict', _meta: meta, properties: fields(shape) },
  };
}

/** Dynamic settings of a version that serves, as `describe` prints them: text, or null for the engine's default. */
export function servingSettings(shape: Shape): Readonly<Record<string, string | null>> {
  const refresh = declaredSettings(shape)['index.refresh_interval'];
  return {
    'index.number_of_replicas': String(shape.replicas),
    'index.refresh_interval': refresh === undefined ? null : String(refresh),
  };
}

/** Settings that change how an index performs or analyses, and nothing that could lock, hide, move or reroute it. */
const allowedSettings: readonly RegExp[] = [
  /^index\.refresh_interval$/,
  /^index\.codec$/,
  /^index\.analysis\./,
  /^index\.similarity\./,
  /^index\.translog\.(durability|sync_interval|flush_threshold_size)$/,
  /^index\.merge\./,
  /^index\.store\.preload$/,
  /^index\.priority$/,
  /^index\.max_(result_window|inner_result_window|rescore_window|ngram_diff|shingle_diff|terms_count|regex_length)$/,
  /^index\.highlight\.max_analyzed_offset$/,
  /^index\.mapping\.(total_fields|depth|nested_fields|nested_objects|field_name_length)\.limit$/,
  /^index\.query\.default_field$/,
  /^index\.(search|indexing)\.slowlog\./,
  /^index\.unassigned\.node_left\.delayed_timeout$/,
  /^index\.routing\.allocation\.total_shards_per_node$/,
  /^index\.queries\.cache\.enabled$/,
  /^index\.requests\.cache\.enable$/,
];

export type FlatSettings = Readonly<Record<string, string | readonly unknown[]>>;

const tooDeep = 'objects within each other are deeper than an engine takes';

/** Can a user declare this setting of an index? By its flat name. */
export function mayBeDeclared(setting: string): boolean {
  return allowedSettings.some(pattern => pattern.test(setting));
}

/** The settings that a user declares, flat. Throws TerminalError SettingsRejected naming those that may not be declared. */
export function declaredSettings(shape: Pick<Partial<Shape>, 'settings'>): FlatSettings {
  if (isTooDeep(shape.settings)) throw new TerminalError('SettingsRejected', `index.settings: ${tooDeep}`);
  const flat = flatSettings(shape.settings ?? {}, '');
  const refused = Object.keys(flat).filter(key => !mayBeDeclared(key));
  if (refused.length === 0) return flat;
  throw new TerminalError(
    'SettingsRejected',
    `index.settings may not name ${refused.sort().join(', ')}: shards and replicas have fields of their own, where an index lies is said by zones of the SearchCluster, and only settings of search, analysis and storage are allowed`,
  );
}

/** `{index: {codec: x}}`, `{codec: x}` and `{"index.codec": x}` are one and the same. Numbers become text, lists stay. */
function flatSettings(settings: JsonObject, prefix: string): FlatSettings {
  const entries = Object.entries(settings).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (isJsonObject(value)) return Object.entries(flatSettings(value, `${name}.`));
    const full = name.startsWith('index.') ? name : `index.${name}`;
    return [[full, Array.isArray(value) ? (value as readonly unknown[]) : String(value)] as const];
  });
  return Object.fromEntries(entries);
}

/** Additions that do not change what the worker reads back. */
const harmlessParameters: ReadonlySet<string> = new Set(['type', 'fields', 'copy_to', 'meta', 'eager_global_ordinals']);

/** The worker's fields with the user's laid over them, each as a whole. */
function fields(shape: Shape): JsonObject {
  const declared = declaredFields(shape);
  for (const [name, field] of Object.entries(declared)) checkOwnField(name, field);
  const all = { ...documentFields, ...declared };
  const limit = Number(declaredSettings(shape)[totalFields] ?? defaultTotalFields);
  const count = countFields(all);
  if (count > limit) reject(`${count} fields are more than ${totalFields} allows (${limit})`);
  return all;
}

/** The fields that a user declares, by name. Throws TerminalError MappingRejected for what is no definition of a field. */
export function declaredFields({
  mappings = {},
}: Pick<Partial<Shape>, 'mappings'>): Readonly<Record<string, JsonObject>> {
  if (isTooDeep(mappings)) reject(tooDeep);
  const others = Object.keys(mappings).filter(key => key !== 'properties');
  if (others.length > 0) reject(`only mappings.properties can be declared, found ${others.join(', ')}`);
  const declared = mappings['properties'] ?? {};
  if (!isJsonObject(declared)) return reject('mappings.properties must be an object of fields');
  return Object.fromEntries(Object.entries(declared).map(([name, field]) => [name, checkedField(name, field)]));
}

const totalFields = 'index.mapping.total_fields.limit';
const defaultTotalFields = 1000;

/** As the engine counts: every field, object and multi-field. */
function countFields(properties: JsonObject): number {
  return Object.values(properties)
    .filter(isJsonObject)
    .reduce((sum, field) => {
      const inner = [field['properties'], field['fields']].filter(isJsonObject);
      return sum + 1 + inner.reduce((below, each) => below + countFields(each), 0);
    }, 0);
}

function checkedField(name: string, field: unknown): JsonObject {
  if (name.startsWith('_')) return reject(`field "${name}": names with _ in front are the engine's own`);
  return isJsonObject(field)
    ? field
    : reject(`field "${name}" has no definition: a field that is there cannot be removed`);
}

function checkOwnField(name: string, field: JsonObject): void {
  const own = ownValue(documentFields, name);
  if (own === undefined) return;
  const type = field['type'];
  if (fixedFields.has(name)) {
    const odd = Object.keys(field).filter(key => !harmlessParameters.has(key));
    if (type !== own['type'] || odd.length > 0) {
      reject(`field "${name}" must stay of type ${String(own['type'])}: the worker finds its documents by it`);
    }
  } else if (typeof type !== 'string' || !compatibleTypes(String(own['type'])).includes(type)) {
    reject(`field "${name}" of type ${String(type)} cannot hold what the worker writes (${String(own['type'])})`);
  }
}

/** Field types that take every value the worker writes into a field of its own type. */
function compatibleTypes(own: string): readonly string[] {
  switch (own) {
    case 'text':
      return ['text', 'match_only_text'];
    case 'keyword':
      return ['keyword', 'text', 'wildcard'];
    case 'integer':
    case 'long':
      return ['integer', 'long'];
    default:
      return [own];
  }
}

function reject(problem: string): never {
  throw new TerminalError('MappingRejected', `index.mappings: ${problem}`);
}
