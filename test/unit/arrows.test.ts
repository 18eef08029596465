import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { arrowsIn, arrowsOf, circlesIn, wrongIn, type Arrow } from '../support/checks/arrows.ts';

const src = join(import.meta.dirname, '..', '..', 'src');
const arrows = arrowsIn(src);

describe('imports', () => {
  it('only go down', () => {
    const wrong = arrows.flatMap(arrow => {
      const why = wrongIn(arrow);
      return why === undefined ? [] : [`${arrow.from} -> ${arrow.to}: ${why}`];
    });
    expect(wrong).toEqual([]);
  });

  it('run in no circle', () => {
    expect(circlesIn(arrows)).toEqual([]);
  });

  it('are found to run in a circle, of types too', () => {
    const circle: readonly Arrow[] = [
      { from: 'runs/a.ts', to: 'runs/b.ts', kind: 'value' },
      { from: 'runs/b.ts', to: 'runs/c.ts', kind: 'type' },
      { from: 'runs/c.ts', to: 'runs/b.ts', kind: 'value' },
    ];
    expect(circlesIn(circle)).toEqual([['runs/b.ts', 'runs/c.ts']]);
  });

  const rows: readonly (Arrow & { readonly why: string | undefined })[] = [
    { from: 'workers/index/run.ts', to: 'kube/port.ts', kind: 'type', why: 'workers knows nothing of kube' },
    { from: 'conformance/a.ts', to: 'workers/a.ts', kind: 'type', why: 'conformance knows nothing of workers' },
    { from: 'objects/create-owned.ts', to: 'engine/port.ts', kind: 'type', why: undefined },
    { from: 'objects/create-owned.ts', to: 'engine/port.ts', kind: 'value', why: 'objects takes only types of engine' },
    { from: 'domain/version.ts', to: 'plan/step.ts', kind: 'type', why: 'domain stands below plan' },
    { from: 'api/meta.ts', to: 'domain/errors.ts', kind: 'value', why: 'api stands below domain' },
    { from: 'bin/operator.ts', to: 'engine/connect.ts', kind: 'value', why: undefined },
    { from: 'engine/connect.ts', to: 'engine/dialects/opensearch.ts', kind: 'value', why: undefined },
    {
      from: 'engine/rest/a.ts',
      to: 'engine/dialects/a.ts',
      kind: 'type',
      why: 'only engine/connect.ts takes a dialect',
    },
    { from: 'asking/control.ts', to: 'engine/port.ts', kind: 'type', why: 'asking knows nothing of engine' },
    { from: 'reading/find-runs.ts', to: 'kube/client.ts', kind: 'value', why: 'reading takes only types of kube' },
    { from: 'runs/steps/verify.ts', to: 'runs/facts.ts', kind: 'value', why: undefined },
  ];
  it.each(rows)('from $from to $to as a $kind: $why', ({ why, ...arrow }) => {
    expect(wrongIn(arrow)).toBe(why);
  });

  it('from a folder that has no floor are an error', () => {
    expect(() => wrongIn({ from: 'utils/a.ts', to: 'api/meta.ts', kind: 'value' })).toThrow('utils/a.ts');
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

describe('steps', () => {
  it('have each a test file of their own', () => {
    const named = (folder: string, end: string) =>
      readdirSync(folder).flatMap(file => (file.endsWith(end) ? [file.slice(0, -end.length)] : []));
    const steps = named(join(src, 'runs', 'steps'), '.ts');
    expect(steps.length).toBeGreaterThan(10);
    expect(named(join(import.meta.dirname, 'runs', 'steps'), '.test.ts').toSorted()).toEqual(steps.toSorted());
  });
});

describe('words', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const using = (word: RegExp): readonly string[] =>
    files.filter(file => word.test(readFileSync(join(src, file), 'utf8')));

  it('by which strategies are told apart stand where they are declared', () => {
    expect(using(/[=!]==\s*'(Rebuild|Rollback|Copy)'/)).toEqual(['api/reindex-request.ts']);
    expect(using(/\b(Rebuild|Rollback|Copy)'?:/).toSorted()).toEqual(['api/reindex-request.ts', 'runs/strategies.ts']);
  });

  it('for the one who asks are the same to every step: a target', () => {
    expect(using(/\.repo\b/).filter(file => file.startsWith('runs/steps/'))).toEqual([]);
    expect(using(/\.target\b/).filter(file => file.startsWith('runs/steps/'))).not.toEqual([]);
  });

  it('that make the name of an index are said for the step that makes it alone', () => {
    const makers = using(/\bmemberName\(/).filter(file => !file.startsWith('domain/'));
    expect(makers).toEqual(['runs/steps/create-candidate.ts']);
  });
});
