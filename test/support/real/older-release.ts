import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { attempt, run } from '../../bed/command.ts';
import { buildImageOf } from '../../bed/image.ts';
import { importImage } from '../../bed/import-image.ts';
import type { BedState } from '../../bed/state.ts';
import { helm, installChart, valuesOf, type OperatorValues } from './installed.ts';

const checkout = join(import.meta.dirname, '..', '..', '..');
const chartFolder = join('charts', 'reindeer');

/** The field of a kind that a path such as `spec.engine` names. */
type Field = { readonly plural: 'searchclusters' | 'indexedrepos' | 'reindexrequests'; readonly path: string };

/** What only releases that speak with OpenSearch have. */
const speaksOpenSearch: Field = { plural: 'searchclusters', path: 'spec.engine' };

/** A release out of the history of this checkout: its chart with its CRDs, and its image on the node of the bed. */
export type OlderRelease = {
  readonly image: string;
  /** Whether its CRDs have this field. */
  knows(field: Field): boolean;
  /** With its CRDs, as if no later one had ever been here. */
  install(): Promise<void>;
  /** Over a later one, whose CRDs stay. Values that its chart does not have are left out. */
  goBack(values?: OperatorValues): Promise<void>;
  /** Removes the sources; the image stays in the cache. */
  remove(): void;
};

/** Why that release cannot be had here; undefined where it can. */
export async function lackingForRelease(commit: string, bed: BedState | undefined): Promise<string | undefined> {
  const found = await attempt(['git', '-C', checkout, 'cat-file', '-t', commit]);
  if (found?.trim() !== 'commit') return `the history of this checkout does not go back to ${commit}`;
  if (bed?.node === undefined) return undefined;
  const { plural, path } = speaksOpenSearch;
  const crd = await run(['git', '-C', checkout, 'show', `${commit}:${crdFile(plural)}`]);
  if (bed.engine.type !== 'Elasticsearch' && !hasField(crd, path))
    return `${commit} does not speak with ${bed.engine.type}`;
  return bed.node.containerd === undefined ? 'the node of kind gets no second image' : undefined;
}

export async function olderRelease(bed: BedState, commit: string): Promise<OlderRelease> {
  const containerd = bed.node?.containerd;
  if (containerd === undefined) throw new Error('a node of this machine is needed: npm run bed -- up');
  const sources = mkdtempSync(join(tmpdir(), `reindeer-${commit}-`));
  const tar = join(sources, 'sources.tar');
  await run(['git', '-C', checkout, 'archive', '--format=tar', '--output', tar, commit]);
  await run(['tar', '-xf', tar, '-C', sources]);
  rmSync(tar);
  const image = await buildImageOf(sources, `0.1.0-${commit}`);
  await importImage(image.tar, containerd);
  const chart = join(sources, chartFolder);
  const values = valuesOf(bed, image.name);
  const known = load(readFileSync(join(chart, 'values.yaml'), 'utf8')) as object;
  return {
    image: image.name,
    knows: ({ plural, path }) => hasField(readFileSync(join(sources, crdFile(plural)), 'utf8'), path),
    install: async () => {
      await helm(bed, ['uninstall', 'reindeer', '--wait', '--ignore-not-found']);
      await installChart(bed, chart, values);
    },
    goBack: async (wanted = {}) => {
      const taken = Object.fromEntries(Object.entries(wanted).filter(([name]) => Object.hasOwn(known, name)));
      await installChart(bed, chart, { ...values, ...taken, crds: { enabled: false } });
    },
    remove: () => rmSync(sources, { recursive: true }),
  };
}

function crdFile(plural: Field['plural']): string {
  return join(chartFolder, 'files', 'crds', `${plural}.yaml`);
}

type Schema = { readonly properties?: Readonly<Record<string, Schema>> };
type Crd = { readonly spec: { readonly versions: readonly { readonly schema: { openAPIV3Schema: Schema } }[] } };

/** Of a CRD, as YAML or JSON. */
export function hasField(crd: string, path: string): boolean {
  const { versions } = (load(crd) as Crd).spec;
  const top: Schema | undefined = versions[0]?.schema.openAPIV3Schema;
  return path.split('.').reduce<Schema | undefined>((schema, name) => schema?.properties?.[name], top) !== undefined;
}
