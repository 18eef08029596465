import { isDeepStrictEqual } from 'node:util';
import type { VersionRecord } from '../../../src/domain/records.ts';
import type { Engine, Stored } from '../../../src/engine/port.ts';
import type { Settings } from '../../../src/registry/port.ts';
import type { TestRepository } from '../real/a-repository.ts';

type Told = { readonly index: string; readonly version: Stored<VersionRecord> };

/**
 * I2 and I3 while life goes on: what the alias serves is the tree of the commit that its record says is in it. Undefined
 * while a writer is at work, or when anything moved meanwhile.
 */
export async function servedProblems(
  { engine, settings }: { readonly engine: Engine; readonly settings: Settings },
  alias: string,
  repository: TestRepository,
): Promise<readonly string[] | undefined> {
  const before = await told(engine, settings, alias);
  if (!before) return undefined;
  const { hits } = await engine.documents.search(before.index, { query: { term: { doc: 'file' } }, size: 1000 });
  const commit = before.version.source.commit ?? '';
  // A forced push may have taken the commit away from the branch; its objects stay.
  const tree = await repository.tree(commit);
  const after = await told(engine, settings, alias);
  if (!isDeepStrictEqual(after, before)) return undefined;
  const held = hits.map(({ source }) => `${String(source['filePath'])} ${String(source['git_file_hash'])}`);
  const wanted = tree.map(({ path, oid }) => `${path} ${oid}`);
  const isSame = isDeepStrictEqual(held.toSorted(), wanted.toSorted());
  return isSame
    ? []
    : [`I2: ${before.index} is said to hold ${commit}, and holds ${held.length} of ${wanted.length} files`];
}

async function told(engine: Engine, settings: Settings, alias: string): Promise<Told | undefined> {
  const members = await engine.aliases.members(alias);
  const [member] = members;
  const version = member && (await settings.versionRecord(member.index));
  if (members.length !== 1 || !member || version === undefined) return undefined;
  const { commit, clean, writer } = version.source;
  return commit !== null && clean && !writer.held ? { index: member.index, version } : undefined;
}
