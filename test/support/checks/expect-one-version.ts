import { expect } from '@jest/globals';
import type { DeclaredRepo } from '../real/a-declared-repo.ts';
import type { ControlStage } from '../real/control-stage.ts';

type Wanted = { readonly live: string; readonly retired?: readonly string[]; readonly commit?: string };

/** Serves that version and nothing else, keeps those, holds nothing, and the version is what its record says. */
export async function expectOneVersion(
  { engine, settings }: ControlStage,
  { name, commit, repository }: DeclaredRepo,
  wanted: Wanted,
): Promise<void> {
  const { live, retired = [] } = wanted;
  expect((await engine.aliases.members(name)).map(({ index }) => index)).toEqual([live]);
  const indices = await engine.indices.describe(`${name}-v*`);
  expect(indices.map(index => index.name).sort()).toEqual([live, ...retired, `${name}-v99`].sort());
  expect((await settings.lockRecord(name))?.source.lease.held ?? false).toBe(false);
  const record = (await settings.versionRecord(live))?.source;
  expect(record).toMatchObject({ commit: wanted.commit ?? commit, clean: true });
  await engine.indices.refresh(live);
  const tree = (await repository.git('ls-tree', '-r', '--name-only', wanted.commit ?? commit)).split('\n');
  expect(await engine.indices.count(live, { term: { doc: 'file' } })).toBe(tree.length);
  expect(await engine.indices.count(live, { term: { doc: 'chunk' } })).toBe(record?.chunks);
}
