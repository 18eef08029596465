import { z } from 'zod';
import { assertAgreement, type Door } from './agreement.ts';
import {
  intOrStringKey,
  listTypeKey,
  mapKeysKey,
  mapTypeKey,
  preserveUnknownKey,
  re2,
  validationsKey,
} from './rule.ts';

/**
 * Turns a Zod schema into the structural schema of a CRD, or throws: nothing is dropped but what is named as harmless
 * below.
 */

/** A node of a structural schema, as a CRD carries it. */
export type Structural = {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Structural>>;
  readonly additionalProperties?: Structural;
  readonly items?: Structural;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
};

type Json = Readonly<Record<string, unknown>>;

/** Copied as they are. Everything else that a schema may hold is either handled by name below, or refused. */
const plainKeywords = [
  'type',
  'format',
  'enum',
  'required',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'maxProperties',
  listTypeKey,
  mapKeysKey,
  mapTypeKey,
  preserveUnknownKey,
  intOrStringKey,
  validationsKey,
];

/** The structural schema of the input side of `schema`; throws with the path of the first thing that it cannot carry. */
export function structural(schema: z.ZodType, door: Door, root: string): Structural {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    cycles: 'throw',
    override: ({ zodSchema, path }) => assertAgreement(zodSchema, door, [root, ...path].join('.')),
  });
  return carry(json, root);
}

function carry(json: Json, path: string): Structural {
  if (json[intOrStringKey] === true) return carryIntOrString(json, path);
  const carried: Record<string, unknown> = {};
  if (json['description'] !== undefined) carried['description'] = describe(json);
  for (const [keyword, value] of Object.entries(json)) {
    if (value !== undefined) Object.assign(carried, carryKeyword(keyword, value, json, path));
  }
  if (carried['type'] === undefined) throw new Error(`${path}: a schema without a type is invisible to CEL`);
  if (carried['type'] === 'number') throw new Error(`${path}: floats are not used in this API`);
  return carried;
}

function carryKeyword(keyword: string, value: unknown, json: Json, path: string): Json {
  switch (keyword) {
    case 'description':
    case '$schema':
      return {};
    case 'properties':
      return { properties: mapValues(value as Json, (child, name) => carry(child as Json, `${path}.${name}`)) };
    case 'items':
      return { items: carry(value as Json, `${path}[]`) };
    case 'propertyNames':
      if (Object.entries(value as Json).some(([key, is]) => key !== 'type' || is !== 'string')) break;
      return {}; // the keys of a JSON object are strings anyway
    case 'additionalProperties':
      if (value === false || json[preserveUnknownKey] === true) return {}; // the API server refuses, or keeps, them itself
      return { additionalProperties: carry(value as Json, `${path}{}`) };
    case 'pattern':
      return { pattern: re2(new RegExp(value as string)) };
    case 'minimum':
    case 'maximum':
      return Math.abs(value as number) === Number.MAX_SAFE_INTEGER ? {} : { [keyword]: value };
    default:
      if (plainKeywords.includes(keyword)) return { [keyword]: value };
  }
  throw new Error(`${path}: ${keyword} ${JSON.stringify(value)} cannot be carried`);
}

/** A quantity. The API server wants exactly these two alternatives, and what bounds them beside, not inside. */
function carryIntOrString(json: Json, path: string): Structural {
  const { anyOf, description, [intOrStringKey]: intOrString, ...others } = json;
  const [integer, string, ...more] = (anyOf ?? []) as readonly Json[];
  const { type: first, maximum, ...integerBounds } = integer ?? {};
  const { type: second, ...stringBounds } = string ?? {};
  const isExpected = first === 'integer' && second === 'string' && more.length === 0;
  if (!isExpected || maximum !== Number.MAX_SAFE_INTEGER || Object.keys(others).length > 0) {
    throw new Error(`${path}: not a union of an integer without a maximum and a string: ${JSON.stringify(json)}`);
  }
  const bounds = Object.entries({ ...integerBounds, ...stringBounds });
  const carriedBounds = bounds.map(([keyword, value]) => carryKeyword(keyword, value, json, path));
  return {
    description: description as string, // Zod allows no other type
    [intOrStringKey]: intOrString,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    ...Object.fromEntries(carriedBounds.flatMap(bound => Object.entries(bound))),
  };
}

/** The description with the default named at its end, so that words and schema cannot differ. */
function describe(json: Json): string {
  const text = json['description'] as string; // Zod allows no other type
  const value = json['default'];
  if (value === undefined) return text;
  if (typeof value === 'object') return `${text} Default: {}, which means the defaults of the fields in it.`;
  return `${text} Default: ${JSON.stringify(value).replaceAll('"', '')}.`;
}

function mapValues<T>(record: Json, map: (value: unknown, key: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
