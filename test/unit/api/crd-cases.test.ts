import { describe, expect, it } from '@jest/globals';
import { kinds } from '../../../src/api/crd.ts';
import { readObject } from '../../../src/api/kind.ts';
import type { ObjectMeta } from '../../../src/api/object.ts';
import { parseRemote } from '../../../src/domain/git-url.ts';
import { refProblem } from '../../../src/domain/ref.ts';
import { crdCases, type Manifest } from '../../support/checks/crd-cases.ts';

const metadata: ObjectMeta = {
  name: 'any',
  namespace: 'any',
  uid: 'any',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
};

/** The problems that Zod finds, on one line; empty when it accepts. */
function problemsIn({ kind: name, spec }: Manifest): string {
  const kind = kinds.find(({ resource }) => resource.kind === name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  const read = readObject(kind, { metadata, spec });
  return read.is === 'valid' ? '' : read.message;
}

type Source = { readonly source: { readonly url: string; readonly ref?: string } };

const cases = crdCases();
const single = cases.filter(({ update }) => update === undefined);
const accepted = single.filter(({ verdict }) => verdict === 'accepted');
const refused = single.filter(({ verdict }) => verdict === 'refused');
const edits = cases.flatMap(({ name, manifest, update }) => (update === undefined ? [] : [{ name, manifest, update }]));

describe('Zod', () => {
  it.each(accepted)('accepts $name', ({ manifest }) => {
    expect(problemsIn(manifest)).toBe('');
  });

  it.each(refused)('refuses $name and names the field', ({ manifest, field, message }) => {
    const problems = problemsIn(manifest);
    expect(problems).toContain(`${field}:`);
    expect(problems).toContain(message ?? '');
    expect(problems).not.toContain('hunter2');
  });

  it.each(edits)('accepts both sides of the edit $name, which only the API server sees together', edit => {
    expect(problemsIn(edit.manifest)).toBe('');
    expect(problemsIn(edit.update)).toBe('');
  });
});

describe('what the schema accepts', () => {
  const sources = accepted
    .filter(({ manifest }) => manifest.kind === 'IndexedRepo')
    .map(({ name, manifest }) => ({ name, ...(manifest.spec as Source).source }));

  it.each(sources)('is a remote and a ref to the worker too: $name', ({ url, ref }) => {
    expect(parseRemote(url)).toBeDefined();
    expect(ref === undefined ? undefined : refProblem(ref)).toBeUndefined();
  });
});
