type Json = { readonly [field: string]: unknown };

/**
 * The JSON merge patch (RFC 7386) that turns `before` into `after`, or undefined when they are equal: then nothing is
 * written at all. A list is replaced whole; a field that is gone becomes null.
 */
export function mergePatch(before: object, after: object): object | undefined {
  return objectPatch(before as Json, after as Json);
}

function objectPatch(before: Json, after: Json): Json | undefined {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes: [string, unknown][] = [];
  for (const field of fields) {
    const change = fieldPatch(before[field], after[field]);
    if (change !== undefined) changes.push([field, change]);
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

function fieldPatch(before: unknown, after: unknown): unknown {
  if (after === undefined) return before === undefined ? undefined : null;
  if (isObject(before) && isObject(after)) return objectPatch(before, after);
  return isEqual(before, after) ? undefined : after;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isEqual(item, b[at]));
  if (isObject(a) && isObject(b)) return objectPatch(a, b) === undefined;
  return a === b;
}
