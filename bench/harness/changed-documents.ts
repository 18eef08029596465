import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../src/git/local.ts';
import { diffTrees, readBlobs, type TreeChange } from '../../src/git/objects.ts';
import type { Operation } from '../../src/workers/bulk/operation.ts';
import { plainDocuments } from '../../src/workers/index/documents/documents.ts';
import { run } from '../../test/bed/command.ts';
import { runToNowhere } from './cost.ts';

/** What lies between two commits of a repository on this machine. */
export type Step = { readonly path: string; readonly from: string; readonly to: string };

/** The operations that put the changed files of the newer commit, as the worker would send them. */
export async function* changedOperations({ path, from, to }: Step): AsyncGenerator<Operation> {
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
  try {
    const { store } = await openLocal({ path, commit: to, folder });
    const changes: TreeChange[] = [];
    for await (const batch of diffTrees(store, from, to)) changes.push(...batch.filter(each => each.status !== 'D'));
    const context = { repo: 'bench', repoUrl: '', branch: '', indexedAt: '2026-01-01T00:00:00Z', token: 1 };
    let at = 0;
    for await (const { bytes } of readBlobs(
      store,
      changes.map(change => change.oid),
    )) {
      const change = changes[at];
      at += 1;
      if (change === undefined || bytes === undefined) throw new Error(`${path} lacks a blob of ${to}`);
      const entry = { filePath: change.path.toString('utf8'), mode: change.mode, oid: change.oid };
      const documents = plainDocuments(context, entry, bytes);
      yield* documents.chunks;
      yield documents.file;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What no incremental run can do without: which files differ, and their content. */
export async function readStep({ path, from, to }: Step): Promise<void> {
  const git = ['git', '-C', path];
  const raw = await run([...git, 'diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to]);
  const oids = [...raw.matchAll(/:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [AMT]\0/g)].map(([, oid]) => oid ?? '');
  if (oids.length === 0) return;
  await runToNowhere([...git, 'cat-file', '--batch', '--buffer'], { input: `${oids.join('\n')}\n` });
}

/** Bytes of a pack that holds exactly the objects which are new in the step: changed blobs, touched trees, the commit. */
export async function packedBytes({ path, from, to }: Step): Promise<number> {
  const objects = await run(['git', '-C', path, 'rev-list', '--objects', '--no-object-names', to, `^${from}`]);
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
  try {
    const name = await run(['git', '-C', path, 'pack-objects', '--quiet', join(folder, 'step')], { input: objects });
    const { size } = await stat(join(folder, `step-${name.trim()}.pack`));
    return size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
