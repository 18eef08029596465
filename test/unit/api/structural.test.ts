import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  addMeta,
  boundedMap,
  freeForm,
  immutable,
  mapBy,
  matching,
  rule,
  setOf,
  transitionRule,
} from '../../../src/api/rule.ts';
import { structural } from '../../../src/api/structural.ts';

const odd = { rule: 'self % 2 == 1', message: 'must be odd' };
const isOdd = (value: number): boolean => value % 2 === 1;
const closed = (field: z.ZodType): object => structural(z.strictObject({ field }), 'closed', 'spec');
const fieldOf = (field: z.ZodType): object => {
  const schema = structural(z.strictObject({ field }), 'closed', 'spec');
  return schema.properties?.['field'] ?? {};
};

describe('a schema that a CRD can carry', () => {
  it.each<[string, z.ZodType, object]>([
    ['bounds of numbers', z.int().min(1).max(5), { type: 'integer', minimum: 1, maximum: 5 }],
    ['an integer without bounds, not those of JavaScript', z.int(), { type: 'integer' }],
    ['a pattern without the escapes of JavaScript', z.string().regex(/^a\/b$/), { type: 'string', pattern: '^a/b$' }],
    ['an enum', z.enum(['A', 'B']), { type: 'string', enum: ['A', 'B'] }],
    [
      'a default, named in the words too',
      z.string().default('x').describe('Some text.'),
      { type: 'string', default: 'x', description: 'Some text. Default: x.' },
    ],
    ['a rule with its check', rule(z.int(), odd, isOdd), { type: 'integer', 'x-kubernetes-validations': [odd] }],
    [
      'two rules in their order',
      rule(rule(z.int(), odd, isOdd), { rule: 'self > 0', message: 'm' }, value => value > 0),
      { type: 'integer', 'x-kubernetes-validations': [odd, { rule: 'self > 0', message: 'm' }] },
    ],
    [
      'a rule under words that came later',
      rule(z.int(), odd, isOdd).describe('An odd number.').optional(),
      { type: 'integer', description: 'An odd number.', 'x-kubernetes-validations': [odd] },
    ],
    [
      'an immutable field',
      immutable(z.string(), 'm'),
      { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'm' }] },
    ],
    [
      'a set',
      setOf(z.array(z.string()).max(3)),
      { type: 'array', maxItems: 3, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ],
    [
      'a bounded map',
      boundedMap(z.string().max(9), 2),
      { type: 'object', maxProperties: 2, additionalProperties: { type: 'string', maxLength: 9 } },
    ],
    [
      'a free-form object',
      freeForm(),
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-map-type': 'atomic' },
    ],
  ])('carries %s', (_, schema, expected) => {
    expect(fieldOf(schema)).toEqual(expected);
  });
});

describe('a schema that a CRD cannot carry', () => {
  it.each<[string, z.ZodType, RegExp]>([
    ['a refinement without a CEL rule', z.int().refine(isOdd), /spec.*refinement without a CEL rule/],
    [
      'a refinement deep inside',
      z.array(z.strictObject({ a: z.int().refine(isOdd) })),
      /refinement without a CEL rule/,
    ],
    [
      'a CEL rule that Zod does not check',
      z.int().meta({ 'x-kubernetes-validations': [odd] }),
      /Zod does not check the CEL rule/,
    ],
    [
      'a rule whose CEL was overwritten',
      rule(z.int(), odd, isOdd).meta({ 'x-kubernetes-validations': [] }),
      /lost self % 2/,
    ],
    [
      'a rule on a wrapper, where it hides the rules inside',
      rule(z.int().optional(), odd, () => true),
      /belongs on the schema inside optional/,
    ],
    ['a transition rule on a wrapper', immutable(z.int().default(1), 'm'), /belongs on the schema inside default/],
    ['an object that lets unknown fields through', z.object({ a: z.string() }), /must be a strict object/],
    ['a transformation', z.string().transform(text => text.length), /Zod type pipe cannot be carried/],
    ['a text that is changed on the way', z.string().trim(), /Zod check overwrite cannot be carried/],
    ['a text that is read as a number', z.coerce.number(), /floats are not used/],
    ['a float', z.number(), /floats are not used/],
    ['a value of any type', z.unknown(), /invisible to CEL/],
    ['a nullable value', z.string().nullable(), /Zod type nullable cannot be carried/],
    ['a union', z.union([z.string(), z.boolean()]), /cannot be carried/],
    ['a literal', z.literal('a'), /Zod type literal cannot be carried/],
    ['a pattern with flags', z.string().regex(/^a$/i), /not the same in RE2/],
    ['a pattern that looks ahead', z.string().regex(/^(?!a)/), /not the same in RE2/],
    ['two patterns', z.string().regex(/^a/).regex(/b$/), /allOf/],
    ['a format that Zod does not check', addMeta(z.string(), { format: 'date-time' }), /Zod does not check format/],
    [
      'a set that Zod does not check',
      addMeta(z.array(z.string()), { 'x-kubernetes-list-type': 'set' }),
      /Zod does not check x-kubernetes-list-type/,
    ],
    [
      'a list map in a spec',
      mapBy(z.array(z.strictObject({ name: z.string() })), 'name'),
      /Zod does not check x-kubernetes-list/,
    ],
    [
      'a bound that only the API server knows',
      addMeta(z.record(z.string(), z.string()), { maxProperties: 3 }),
      /Zod does not check maxProperties/,
    ],
    ['a key that nobody knows', addMeta(z.string(), { example: 'x' }), /example in meta\(\) cannot be carried/],
    ['a cross-field exclusive bound', z.int().gt(3), /exclusiveMinimum/],
  ])('throws on %s', (_, schema, message) => {
    expect(() => closed(schema)).toThrow(message);
  });

  it('throws on a transition rule that compares with nothing', () => {
    expect(() => transitionRule(z.int(), odd)).toThrow(/never names oldSelf/);
  });

  it('throws on a matching pattern that RE2 reads differently', () => {
    expect(() => matching(z.string(), { pattern: /^\s+$/, message: 'm' })).toThrow(/not the same in RE2/);
  });

  it('names the path of what it cannot carry', () => {
    const schema = z.strictObject({ a: z.strictObject({ b: z.string().nullable() }) });
    expect(() => structural(schema, 'closed', 'spec')).toThrow(/^spec\.properties\.a\.properties\.b: /);
  });
});

describe('a status', () => {
  it('may hold formats and list maps, and lets fields of a later release through', () => {
    const entry = z.object({ name: z.string(), at: z.string().meta({ format: 'date-time' }) });
    const schema = structural(z.object({ list: mapBy(z.array(entry), 'name') }), 'open', 'status');
    expect(schema.properties?.['list']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { properties: { at: { type: 'string', format: 'date-time' } } },
    });
  });
});
