import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { run } from '../test/bed/command.ts';
import { component, KUBERNETES_VERSION } from '../test/bed/components.ts';

export const chartFolder = join(import.meta.dirname, '..', 'charts', 'reindeer');

/** Where the manifests of deploy/ live; `helm install` lets its user choose. */
export const deployNamespace = 'reindeer-system';

/** What is read of an object by those who look at rendered charts. */
export type Rendered = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
};

/** Runs the pinned Helm, which is built at the first call; answers its standard output. */
export async function helm(...args: readonly string[]): Promise<string> {
  return run([join(await component('helm'), 'helm'), ...args]);
}

/** The objects of each template, by the template's file name. `options` are Helm's, such as `--set`. */
export async function renderedByTemplate(
  ...options: readonly string[]
): Promise<ReadonlyMap<string, readonly Rendered[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-chart-'));
  try {
    const target = [
      '--namespace',
      deployNamespace,
      '--skip-tests',
      '--kube-version',
      KUBERNETES_VERSION,
      '--output-dir',
      folder,
    ];
    await helm('template', 'reindeer', chartFolder, ...target, ...options);
    const templates = join(folder, 'reindeer', 'templates');
    return new Map(
      readdirSync(templates)
        .sort()
        .map(name => [name, objectsIn(readFileSync(join(templates, name), 'utf8'))]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All objects of the chart in the order of its templates' names. */
export async function rendered(...options: readonly string[]): Promise<readonly Rendered[]> {
  return [...(await renderedByTemplate(...options)).values()].flat();
}

/** The objects of a YAML stream; empty documents are left out. */
export function objectsIn(yaml: string): readonly Rendered[] {
  return loadAll(yaml).filter((document): document is Rendered => document !== null && document !== undefined);
}
