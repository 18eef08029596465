import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { kinds } from '../../../src/api/crd.ts';
import { conditionTypes, group, keys } from '../../../src/api/meta.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'gitops.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => load(text) as object);

type Named = { readonly where: string; readonly kind: string; readonly condition: string };
type Expression = Readonly<Record<'apiVersion' | 'kind' | 'inProgress' | 'failed' | 'current', string>>;

const healthKey = `resource.customizations.health.${group}_`;
const lua = blocks
  .flatMap(block => Object.entries(block as Readonly<Record<string, string>>))
  .filter(([name]) => name.startsWith(healthKey))
  .map(([name, text]) => ({ kind: name.slice(healthKey.length), text }));
const expressions = blocks.flatMap(
  block => (block as { readonly healthCheckExprs?: readonly Expression[] }).healthCheckExprs ?? [],
);
const waits = [...page.matchAll(/--for=condition=(\w+)(?:=\w+)? (\w+)\/NAME/g)];

const named: readonly Named[] = [
  ...lua.flatMap(({ kind, text }) =>
    [...text.matchAll(/(?:holds\(|say\("\w+", )"(\w+)"/g)].map(([, condition = '']) => ({
      where: 'Lua',
      kind,
      condition,
    })),
  ),
  ...expressions.flatMap(({ kind, ...texts }) =>
    [...JSON.stringify(texts).matchAll(/c\.type == '(\w+)'/g)].map(([, condition = '']) => ({
      where: 'CEL',
      kind,
      condition,
    })),
  ),
  ...waits.map(([, condition = '', singular = '']) => ({
    where: 'kubectl wait',
    kind: kinds.find(each => each.singular === singular)?.resource.kind ?? singular,
    condition,
  })),
];

describe('docs/gitops.md', () => {
  it('has a check in Lua for each kind, and an expression for those that are kept in Git', () => {
    expect(lua.map(({ kind }) => kind)).toEqual(kinds.map(({ resource }) => resource.kind));
    expect(expressions.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual(
      ['SearchCluster', 'IndexedRepo'].map(kind => `${group}/v1alpha1 ${kind}`),
    );
    expect(waits.length).toBeGreaterThan(3);
  });

  it.each(named)('names in $where a condition that $kind has: $condition', ({ kind, condition }) => {
    expect((conditionTypes as Readonly<Record<string, readonly string[]>>)[kind]).toContain(condition);
  });

  it('asks what waits for a human before what goes on, in every check', () => {
    for (const { text } of lua) {
      const order = [...text.matchAll(/^ *if holds\("(Stalled|Reconciling|Ready|Paused)"\)/gm)].map(([, type]) => type);
      expect(order[0]).toBe('Stalled');
    }
  });

  it('names no annotation of ours that is none', () => {
    const known: readonly string[] = Object.values(keys);
    expect(
      [...page.matchAll(/`(reindeer\.dev\/[a-z-]+)`/g)].map(([, key = '']) => key).filter(key => !known.includes(key)),
    ).toEqual([]);
  });
});
