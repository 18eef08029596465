import { deepest } from './declaration-hash.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { ownValue } from './own-value.ts';

/** So many differences say enough; the rest is counted. */
const mostNamed = 5;
const longestValue = 40;
/** Down to here nothing has a name of the user's own: `mappings` that are absent have no properties, and that is all. */
const nameless = 2;

/** What differs between two declarations of an index, for people: `shards: 1 -> 2, mappings.properties.note added`. */
export function shapeDifference(before: JsonObject, after: JsonObject): string {
  const found = differences(before, after, []);
  const named = found.slice(0, mostNamed).join(', ');
  return found.length > mostNamed ? `${named} and ${found.length - mostNamed} more` : named;
}

function differences(before: JsonObject, after: JsonObject, path: readonly string[]): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  // Own keys only: a field may be called `constructor`.
  const of = (object: JsonObject, name: string): unknown => ownValue(object, name);
  return names.flatMap(name => difference(of(before, name), of(after, name), [...path, name]));
}

function difference(before: unknown, after: unknown, path: readonly string[]): readonly string[] {
  const unset = path.length <= nameless ? {} : undefined;
  const [from, to] = [
    before ?? (isJsonObject(after) ? unset : before),
    after ?? (isJsonObject(before) ? unset : after),
  ];
  if (isJsonObject(from) && isJsonObject(to) && path.length < deepest) return differences(from, to, path);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const name = path.join('.');
  if (isPlain(before) && isPlain(after)) return [`${name}: ${shown(before)} -> ${shown(after)}`];
  if (before === undefined) return [`${name} added`];
  return [after === undefined ? `${name} removed` : `${name} changed`];
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function shown(value: unknown): string {
  if (value === undefined) return 'unset';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}
