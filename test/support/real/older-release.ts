import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, run } from '../../bed/command.ts';
import { buildImageOf } from '../../bed/image.ts';
import { importImage } from '../../bed/import-image.ts';
import type { BedState } from '../../bed/state.ts';
import { helm, installChart, valuesOf } from './installed.ts';

const checkout = join(import.meta.dirname, '..', '..', '..');

/** A release out of the history of this checkout: its chart with its CRDs, and its image on the node of the bed. */
export type OlderRelease = {
  readonly image: string;
  /** With its CRDs, as if no later one had ever been here. */
  install(): Promise<void>;
  /** Over a later one, whose CRDs stay. */
  goBack(): Promise<void>;
  /** Removes the sources; the image stays in the cache. */
  remove(): void;
};

/** Why that release cannot be had here; undefined where it can. */
export async function lackingForRelease(commit: string, bed: BedState | undefined): Promise<string | undefined> {
  const found = await attempt(['git', '-C', checkout, 'cat-file', '-t', commit]);
  if (found?.trim() !== 'commit') return `the history of this checkout does not go back to ${commit}`;
  if (bed?.node === undefined) return undefined;
  if (bed.engine.type !== 'Elasticsearch') return `${commit} does not speak with ${bed.engine.type}`;
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
  const chart = join(sources, 'charts', 'reindeer');
  const values = valuesOf(bed, image.name);
  return {
    image: image.name,
    install: async () => {
      await helm(bed, ['uninstall', 'reindeer', '--wait', '--ignore-not-found']);
      await installChart(bed, chart, values);
    },
    goBack: async () => installChart(bed, chart, { ...values, crds: { enabled: false } }),
    remove: () => rmSync(sources, { recursive: true }),
  };
}
