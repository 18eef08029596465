import { z } from 'zod';

/**
 * One statement, two readers. A rule is written once and attached twice: as CEL for the API server and as a check for
 * Zod, so that the two cannot drift apart. `structural.ts` refuses a check that is not paired here.
 */

/** A CEL rule as a CRD carries it. The message is what a user reads, so it says what is allowed. */
export type CelRule = { readonly rule: string; readonly message: string };

export const validationsKey = 'x-kubernetes-validations';
export const listTypeKey = 'x-kubernetes-list-type';
export const mapKeysKey = 'x-kubernetes-list-map-keys';
export const mapTypeKey = 'x-kubernetes-map-type';
export const preserveUnknownKey = 'x-kubernetes-preserve-unknown-fields';
export const intOrStringKey = 'x-kubernetes-int-or-string';

/** What makes the API server decide as a Zod check does: a CEL rule, or a keyword of the schema. */
export type Carrier = { readonly cel: string } | { readonly keyword: string };

const carriers = new WeakMap<object, Carrier>();

/** What carries this Zod check to the API server; nothing for a check that only Zod would know of. */
export function carrierOf(check: object): Carrier | undefined {
  return carriers.get(check);
}

/** Attaches a CEL rule and the check that decides the same in Zod. */
export function rule<S extends z.ZodType>(schema: S, cel: CelRule, holds: (value: z.output<S>) => boolean): S {
  return paired(schema, { cel: cel.rule }, withRule(schema, cel), z.refine(holds, { message: cel.message }));
}

/** A rule over an edit, `oldSelf` against `self`: only the API server sees both, so Zod has no part in it. */
export function transitionRule<S extends z.ZodType>(schema: S, cel: CelRule): S {
  if (!cel.rule.includes('oldSelf')) throw new Error(`not a transition rule, it never names oldSelf: ${cel.rule}`);
  return addMeta(schema, withRule(schema, cel));
}

/** A field that keeps its value for life. Only for fields that are required or defaulted: a rule on an absent field is skipped. */
export function immutable<S extends z.ZodType>(schema: S, message: string): S {
  return transitionRule(schema, { rule: 'self == oldSelf', message });
}

/**
 * A whole spec that keeps its value but for the fields named. Written once over all fields, because a transition rule
 * on an optional field is skipped when the field is added or removed.
 */
export function immutableExcept<S extends z.ZodObject>(schema: S, mayChange: readonly string[], message: string): S {
  const fixed = Object.keys(schema.shape).filter(field => !mayChange.includes(field));
  const kept = fixed.map(
    field =>
      `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
  );
  return transitionRule(schema, { rule: kept.join(' && '), message });
}

/**
 * A rule that a text matches `pattern`, or with `not` that it does not. A failed CEL rule never prints the refused
 * value, a failed `pattern` keyword does: whatever may carry a password is checked with this.
 * The pattern must mean the same to JavaScript and RE2: no flags, look-around or `\s`.
 */
export function matching<S extends z.ZodString>(
  schema: S,
  expected: { readonly pattern: RegExp; readonly not?: boolean; readonly message: string },
): S {
  const { pattern, not = false, message } = expected;
  const cel = { rule: `${not ? '!' : ''}self.matches(r'${re2(pattern)}')`, message };
  return rule(schema, cel, text => pattern.test(text as string) !== not);
}

/** The source of a pattern that RE2, the engine of the API server, reads as JavaScript does; throws for any other. */
export function re2(pattern: RegExp): string {
  const source = pattern.source.replaceAll('\\/', '/'); // JavaScript escapes the slash for its literals only
  if (pattern.flags !== '' || /\(\?[=!<]|\\[sSbBpPuk1-9]|'/.test(source)) {
    throw new Error(`not the same in RE2: ${pattern.toString()}`);
  }
  return source;
}

/** A list without repeats, in no order: server-side apply merges it item by item. */
export function setOf<S extends z.ZodArray<z.ZodString | z.ZodEnum>>(schema: S): S {
  const distinct = z.refine<z.output<S>>(items => new Set(items).size === items.length, {
    message: 'the items of this list must differ',
  });
  return paired(schema, { keyword: listTypeKey }, { [listTypeKey]: 'set' }, distinct);
}

/** A list whose items are told apart by one field: server-side apply merges it item by item. */
export function listBy<S extends z.ZodArray<z.ZodObject>>(schema: S, key: string): S {
  const distinct = z.refine<z.output<S>>(items => new Set(items.map(item => item[key])).size === items.length, {
    message: `the items of this list must differ in ${key}`,
  });
  return paired(schema, { keyword: listTypeKey }, { [listTypeKey]: 'map', [mapKeysKey]: [key] }, distinct);
}

/** The same for a status, where Zod does not look for repeated keys. */
export function mapBy<S extends z.ZodArray>(schema: S, key: string): S {
  return addMeta(schema, { [listTypeKey]: 'map', [mapKeysKey]: [key] });
}

/** A list that is replaced as a whole, because its order or its items as such matter. */
export function wholeList<S extends z.ZodArray>(schema: S): S {
  return addMeta(schema, { [listTypeKey]: 'atomic' });
}

/** An object that is replaced as a whole, like a reference: half of one writer's and half of another's would be nobody's. */
export function wholeObject<S extends z.ZodType>(schema: S): S {
  return addMeta(schema, { [mapTypeKey]: 'atomic' });
}

/** A map from text to text with at most `max` entries. */
export function boundedMap<V extends z.ZodString>(value: V, max: number): z.ZodRecord<z.ZodString, V> {
  const map = z.record(z.string(), value);
  const bounded = z.refine<z.output<typeof map>>(entries => Object.keys(entries).length <= max, {
    message: `at most ${max} entries`,
  });
  return paired(map, { keyword: 'maxProperties' }, { maxProperties: max }, bounded);
}

/** An object that is kept as it is: what the engine makes of it is the engine's business. */
export function freeForm(): z.ZodRecord<z.ZodString, z.ZodUnknown> {
  return wholeObject(addMeta(z.record(z.string(), z.unknown()), { [preserveUnknownKey]: true }));
}

/** Adds keys to what `.meta()` holds already. */
export function addMeta<S extends z.ZodType>(schema: S, meta: Readonly<Record<string, unknown>>): S {
  return schema.meta({ ...schema.meta(), ...meta });
}

/** The check and what carries it are laid on one and the same instance, so that neither is ever seen without the other. */
function paired<S extends z.ZodType>(
  schema: S,
  carrier: Carrier,
  meta: Readonly<Record<string, unknown>>,
  check: z.core.$ZodCheck<z.output<S>>,
): S {
  carriers.set(check, carrier);
  const checked = schema.check(check);
  z.globalRegistry.add(checked, { ...schema.meta(), ...meta });
  return checked;
}

function withRule(schema: z.ZodType, cel: CelRule): Readonly<Record<string, readonly CelRule[]>> {
  const before = (schema.meta()?.[validationsKey] ?? []) as readonly CelRule[]; // only this file writes the key
  return { [validationsKey]: [...before, cel] };
}
