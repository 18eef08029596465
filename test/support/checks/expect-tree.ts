import { expect } from '@jest/globals';
import type { Cluster } from '../real/a-cluster.ts';
import { dumpVersion } from '../checks/dump-version.ts';
import { treeOfCommit } from '../checks/git-tree.ts';

type Place = Pick<Cluster, 'engine' | 'settings'> & { readonly history: Pick<Cluster['history'], 'repository'> };

/** The version is left by its writer and holds the tree of the commit and nothing else, as its record and its files say. */
export async function expectTree(place: Place, index: string, commit: string): Promise<void> {
  const record = (await place.settings.versionRecord(index))?.source;
  expect(record?.writer).toMatchObject({ held: false });
  await expectContent(place, index, commit);
}

/** The same of a version whose writer may have died between its last word and the release of its lease: the next takes it over. */
export async function expectContent(
  { engine, settings, history }: Place,
  index: string,
  commit: string,
): Promise<void> {
  const record = (await settings.versionRecord(index))?.source;
  expect(record).toMatchObject({ commit, clean: true });
  const tree = await treeOfCommit(history.repository, commit);
  const held = await dumpVersion(engine, index);
  const files = held.files.map(file => ({ path: file['filePath'], oid: file['git_file_hash'] }));
  expect(files).toEqual(tree.map(({ path, oid }) => ({ path, oid })));
  const chunksSaid = held.files.reduce((sum, file) => sum + Number(file['chunks'] ?? 0), 0);
  expect(held.chunks.length).toBe(chunksSaid);
  expect(record).toMatchObject({ files: tree.length, chunks: chunksSaid });
}
