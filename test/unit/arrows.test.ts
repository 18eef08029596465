import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ALLOWED, arrowsIn, arrowsOf, folderOf, isAllowed } from '../support/arrows.ts';
import type { Arrow } from '../support/arrows.ts';

const src = join(import.meta.dirname, '..', '..', 'src');

describe('imports', () => {
  it('point one way only, as the table of allowed arrows says', () => {
    const wrong = arrowsIn(src).filter(arrow => !isAllowed(arrow));
    expect(wrong.map(({ from, to, kind }) => `${from} -> ${to} (${kind})`)).toEqual([]);
  });

  it('leave no folder of src out of the table', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter(entry => entry.isDirectory());
    expect(folders.map(entry => entry.name).filter(name => !(name in ALLOWED))).toEqual([]);
  });

  it('cannot run in a circle, whatever the files hold', () => {
    const reaches = (from: string, seen: readonly string[]): readonly string[] =>
      seen.includes(from)
        ? [[...seen, from].join(' -> ')]
        : targetsOf(from).flatMap(to => reaches(to, [...seen, from]));
    expect(Object.keys(ALLOWED).flatMap(folder => reaches(folder, []))).toEqual([]);
  });

  const rows: readonly (Arrow & { readonly allowed: boolean })[] = [
    { from: 'workers/index/run.ts', to: 'kube/port.ts', kind: 'value', allowed: false },
    { from: 'workers/index/run.ts', to: 'search-cluster/access.ts', kind: 'type', allowed: false },
    { from: 'plan/apply.ts', to: 'engine/port.ts', kind: 'type', allowed: true },
    { from: 'plan/apply.ts', to: 'engine/port.ts', kind: 'value', allowed: false },
    { from: 'domain/versions.ts', to: 'plan/effect.ts', kind: 'value', allowed: false },
    { from: 'api/meta.ts', to: 'domain/errors.ts', kind: 'value', allowed: false },
    { from: 'bin/operator.ts', to: 'engine/transport.ts', kind: 'value', allowed: true },
  ];
  it.each(rows)('from $from to $to as a $kind are allowed: $allowed', ({ allowed, ...arrow }) => {
    expect(isAllowed(arrow)).toBe(allowed);
  });

  it('are read from every form that an import can have', () => {
    const text = `import { a } from '../domain/a.ts';
      import type { B } from './b.ts';
      import { type C, type D } from '../kube/c.ts';
      import '../runtime/e.ts';
      export { f } from './f.ts';
      export type { G } from './g.ts';
      import zod from 'zod';
      await import('../bin/h.ts');`;
    expect(arrowsOf('plan/x.ts', text).map(({ to, kind }) => `${to} ${kind}`)).toEqual([
      'domain/a.ts value',
      'plan/b.ts type',
      'kube/c.ts type',
      'runtime/e.ts value',
      'plan/f.ts value',
      'plan/g.ts type',
      'bin/h.ts value',
    ]);
  });
});

/** Folders that a folder may import values from; a single allowed file counts as its folder. */
function targetsOf(folder: string): readonly string[] {
  return [...new Set((ALLOWED[folder]?.values ?? []).map(folderOf))];
}
