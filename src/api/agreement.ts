import { z } from 'zod';
import {
  carrierOf,
  intOrStringKey,
  listTypeKey,
  mapKeysKey,
  mapTypeKey,
  preserveUnknownKey,
  re2,
  validationsKey,
  type CelRule,
} from './rule.ts';

/** Sees to it that Zod and the API server decide alike: whatever only one of the two would check is an error here. */

/**
 * `closed`: every object must be strict, so that Zod refuses an unknown field as the API server does. `open`: objects
 * let later fields through, as a status that another release wrote must be read.
 */
export type Door = 'closed' | 'open';

const wrappers = ['optional', 'default', 'prefault'];
const carriedTypes = [
  'string',
  'number',
  'boolean',
  'enum',
  'object',
  'array',
  'record',
  'union',
  'unknown',
  ...wrappers,
];
const carriedChecks = [
  'greater_than',
  'less_than',
  'number_format',
  'min_length',
  'max_length',
  'string_format',
  'custom',
];

/** Keys that `.meta()` may hold, with what stands behind each. */
const carriedMeta: Readonly<Record<string, 'words' | 'shape' | 'limit' | 'server'>> = {
  description: 'words',
  [preserveUnknownKey]: 'shape',
  [intOrStringKey]: 'shape',
  [validationsKey]: 'limit',
  [listTypeKey]: 'limit',
  [mapTypeKey]: 'limit',
  maxProperties: 'limit',
  // By what the items of a list of type map are told apart: the list type is the limit.
  [mapKeysKey]: 'shape',
  format: 'server',
};

/** Throws, with `path`, for the first thing about this one schema that a CRD cannot say or that Zod does not check. */
export function assertAgreement(schema: z.core.$ZodTypes, door: Door, path: string): void {
  const { type, checks = [] } = schema._zod.def;
  const meta = z.globalRegistry.get(schema) ?? {};
  if (!carriedTypes.includes(type)) throw new Error(`${path}: Zod type ${type} cannot be carried`);
  if (wrappers.includes(type) && (checks.length > 0 || meta[validationsKey] !== undefined)) {
    throw new Error(`${path}: a rule belongs on the schema inside ${type}, where it is not lost`);
  }
  if (type === 'object' && door === 'closed' && schema._zod.def.catchall?._zod.def.type !== 'never') {
    throw new Error(`${path}: must be a strict object, the API server refuses unknown fields`);
  }
  for (const check of checks) assertCarried(check, meta, path);
  assertChecked(meta, checks, door, path);
}

/** Zod's checks reach the API server: by the keyword that Zod makes of them, or by what rule.ts paired them with. */
function assertCarried(check: z.core.$ZodCheck, meta: Readonly<Record<string, unknown>>, path: string): void {
  const { def } = check._zod as unknown as z.core.$ZodChecks['_zod']; // the general type does not tell the kinds apart
  if (!carriedChecks.includes(def.check)) throw new Error(`${path}: Zod check ${def.check} cannot be carried`);
  if (def.check === 'string_format') assertSamePattern(def.pattern, path);
  if ((def.check as string) !== 'custom') return;
  const carrier = carrierOf(check);
  if (carrier === undefined) throw new Error(`${path}: a refinement without a CEL rule; use rule() of rule.ts`);
  const isCarried =
    'cel' in carrier ? rulesOf(meta).some(({ rule }) => rule === carrier.cel) : meta[carrier.keyword] !== undefined;
  if (!isCarried) throw new Error(`${path}: lost ${'cel' in carrier ? carrier.cel : carrier.keyword}; use addMeta()`);
}

function assertSamePattern(pattern: RegExp | undefined, path: string): void {
  if (pattern === undefined) throw new Error(`${path}: a string format without a pattern cannot be carried`);
  re2(pattern);
}

/** What `.meta()` says to the API server is checked by Zod too; in a status the API server may know more than Zod. */
function assertChecked(
  meta: Readonly<Record<string, unknown>>,
  checks: readonly object[],
  door: Door,
  path: string,
): void {
  const carriers = checks.map(carrierOf);
  for (const [key, value] of Object.entries(meta)) {
    const behind = carriedMeta[key];
    if (behind === undefined) throw new Error(`${path}: ${key} in meta() cannot be carried`);
    if (behind === 'server' && door === 'closed') throw new Error(`${path}: Zod does not check ${key}`);
    const isLimit = behind === 'limit' && key !== validationsKey && value !== 'atomic' && door === 'closed';
    if (
      isLimit &&
      !carriers.some(carrier => carrier !== undefined && 'keyword' in carrier && carrier.keyword === key)
    ) {
      throw new Error(`${path}: Zod does not check ${key}`);
    }
  }
  for (const { rule } of rulesOf(meta)) {
    const isChecked = carriers.some(carrier => carrier !== undefined && 'cel' in carrier && carrier.cel === rule);
    // A transition rule compares two objects and Zod sees one, so it is the only kind that Zod has no check for.
    if (!isChecked && !rule.includes('oldSelf')) throw new Error(`${path}: Zod does not check the CEL rule ${rule}`);
  }
}

function rulesOf(meta: Readonly<Record<string, unknown>>): readonly CelRule[] {
  return (meta[validationsKey] ?? []) as readonly CelRule[]; // rule.ts is the only writer of this key
}
