import { describe, expect, it } from '@jest/globals';
import { readManifest } from '../../../src/asking/manifest.ts';

const head = 'apiVersion: reindeer.dev/v1alpha1\nkind: ReindexRequest\nmetadata: {name: r}\n';

describe('a manifest', () => {
  it.each([
    ['yes', true],
    ['off', false],
    ['y', true],
    ['010', 8],
    ['0o10', 8],
    ['1_000', 1000],
    ['1e3', 1000],
    ['1:30', '1:30'],
    ['2026-01-01', '2026-01-01'],
    ['~', null],
    ['"yes"', 'yes'],
    ['30m', '30m'],
  ])('is read as kubectl reads it: %s', (text, value) => {
    expect(readManifest(`${head}spec: {field: ${text}}`).spec).toEqual({ field: value });
  });

  it('may be JSON, with tabs too, or YAML with empty documents, anchors and a merge', () => {
    const object = {
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'IndexedRepo',
      metadata: { name: 'a' },
      spec: { b: 1 },
    };
    expect(readManifest(JSON.stringify(object, undefined, '\t'))).toEqual(object);
    const merged = `---\n${head}spec: {a: &a {b: 1}, c: {<<: *a, d: 2}}\n---\n`;
    expect(readManifest(merged).spec).toEqual({ a: { b: 1 }, c: { b: 1, d: 2 } });
  });

  const bomb = Array.from({ length: 12 }, (_, i) => `  l${i}: &l${i} [${i === 0 ? 'x' : Array(10).fill(`*l${i - 1}`).join(', ')}]`); // prettier-ignore

  it.each<[string, string, RegExp]>([
    ['a repeated key', `${head}spec: {a: 1, a: 2}`, /duplicated mapping key \(4:14\)$/],
    ['a repeated key of JSON', '{"kind": "ReindexRequest", "kind": "IndexedRepo"}', /duplicated mapping key/],
    ['a bomb', `${head}spec:\n${bomb.join('\n')}`, /it grows beyond measure by its aliases$/],
    ['an object that holds itself', `${head}spec: {a: &a [*a]}`, /it grows beyond measure by its aliases$/],
    ['too deep a nest', `${head}spec: {a: ${'['.repeat(200)}${']'.repeat(200)}}`, /nesting exceeded maxDepth/],
    ['too large a file', `# ${'x'.repeat(4_000_000)}`, /it is larger than 3 MiB$/],
    ['what is no number', `${head}spec: {a: .nan}`, /NaN is no number of JSON$/],
    ['what JSON has no form for', `${head}spec: {a: !!binary aGk=}`, /unknown scalar tag/],
    ['no YAML', 'a: [b', /cannot be planned: /],
    ['nothing', '', /it holds 0 objects: one is planned at a time$/],
    ['two objects', `${head}spec: {}\n---\n${head}spec: {}`, /it holds 2 objects: one is planned at a time$/],
    ['a text', 'hello', /a ReindexRequest or IndexedRepo of reindeer.dev\/v1alpha1 is planned$/],
    ['another kind', head.replace('ReindexRequest', 'SearchCluster'), /kind: .*is planned$/],
    ['another group', head.replace('reindeer.dev', 'x.dev'), /apiVersion: .*is planned$/],
    ['no spec', head, /spec: .*is planned$/],
  ])('is refused in one line for %s', (_, text, why) => {
    const refused = (): unknown => readManifest(text);
    expect(refused).toThrow(why);
    expect(refused).toThrow(/^the file cannot be planned: [^\n]*$/);
  });
});
