import { isJsonObject, type JsonObject } from './json.ts';

/**
 * The fields of one mapping that another lacks, as `properties` that can be added to it; {} = none. A field that both have
 * stays as the other has it, whatever its definition: only objects are looked into.
 */
export function fieldsToAdd(from: JsonObject, to: JsonObject): JsonObject {
  const known = propertiesOf(to);
  const added = Object.entries(propertiesOf(from)).flatMap(([name, field]) => {
    const other = Object.hasOwn(known, name) ? known[name] : undefined;
    if (other === undefined) return [[name, field]];
    if (!isJsonObject(field) || !isJsonObject(other) || !('properties' in field) || !('properties' in other)) return [];
    const inner = fieldsToAdd(field, other);
    // The type of an object is said again: a nested one would be taken for another kind.
    const type = other['type'] === undefined ? {} : { type: other['type'] };
    return Object.keys(inner).length === 0 ? [] : [[name, { ...type, properties: inner }]];
  });
  return Object.fromEntries(added) as JsonObject;
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}
