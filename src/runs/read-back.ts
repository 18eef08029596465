import type { JsonObject } from '../domain/json.ts';
import { indexBody, servingSettings, type Shape } from '../domain/shape.ts';
import type { IndexDescription } from '../engine/port.ts';
import { candidateIndex, candidateRecord, repoGround } from './facts.ts';
import type { Observed } from './observed.ts';
import type { Check } from './query-check.ts';

/** What a new version was declared to be, against what the engine says it is. A version of before is what it was. */
export function readBack(o: Observed): readonly Check[] {
  const [index, record] = [candidateIndex(o), candidateRecord(o)];
  if (!o.traits.builds || !index || !record?.shape) return [];
  const { shape: declared } = repoGround(o).target;
  // As it was declared when the version was made; what changes in place is as it is declared now.
  const made: Shape = { ...record.shape, replicas: declared.replicas };
  return [mappingCheck(made, index), settingsCheck(made, servingSettings(declared), index), aliasesCheck(index)];
}

/** Types by path. What else a field says comes back in other words than it was declared in. */
function mappingCheck(shape: Shape, { mappings }: IndexDescription): Check {
  const declared = typesIn(indexBody({ shape, shards: 1, meta: {} }).mappings);
  const found = new Map(typesIn(mappings));
  const wrong = declared
    .filter(([path, type]) => found.get(path) !== type)
    .map(([path, type]) => `${path}: ${type} declared, ${found.get(path) ?? 'nothing'} found`);
  return check('mapping', `${declared.length} fields declared, ${declared.length - wrong.length} of them found`, wrong);
}

function typesIn(mapping: JsonObject, prefix = ''): readonly (readonly [string, string])[] {
  const properties = (mapping['properties'] ?? {}) as Readonly<Record<string, JsonObject>>;
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const type = typeof field['type'] === 'string' ? field['type'] : 'object';
    return [[path, type] as const, ...typesIn(field, `${path}.`)];
  });
}

function settingsCheck(shape: Shape, serving: JsonObject, { settings }: IndexDescription): Check {
  const { 'index.number_of_shards': shards, ...others } = indexBody({ shape, shards: 1, meta: {} }).settings;
  const declared = Object.entries({
    ...others,
    ...(shape.shards !== undefined && { 'index.number_of_shards': shards }),
    ...serving,
  }).map(([key, value]) => [key, textOf(value)] as const);
  const wrong = declared
    .filter(([key, value]) => settings[key] !== value)
    .map(([key, value]) => `${key}: ${value ?? 'the default'} declared, ${settings[key] ?? 'the default'} found`);
  return check('settings', `${declared.length} declared, ${declared.length - wrong.length} of them found`, wrong);
}

/** As `describe` prints it; undefined for the engine's default. */
function textOf(value: unknown): string | undefined {
  if (value === null) return undefined;
  return Array.isArray(value) ? value.join(',') : (value as string); // a body holds texts and lists of them
}

/** Before the switch nothing but writers of this version go through an alias of it. */
function aliasesCheck({ name, aliases }: IndexDescription): Check {
  const others = Object.keys(aliases).filter(alias => !alias.startsWith(`${name}.W`));
  return check('aliases', `none of users expected, ${others.length} found`, others);
}

function check(name: string, figures: string, wrong: readonly string[]): Check {
  const shown = wrong.slice(0, 5).join(', ');
  return {
    name,
    result: wrong.length === 0 ? 'Pass' : 'Fail',
    message: `${name}: ${figures}${shown === '' ? '' : ` (${shown})`}`,
  };
}
