import { expect } from '@jest/globals';
import type { ServedAlias } from '../real/a-served-alias.ts';
import type { IndexedVersion } from '../real/an-indexed-version.ts';
import type { FaultStage } from '../real/fault-stage.ts';

type Held = {
  readonly version: IndexedVersion;
  readonly commit: string;
  /** As the worker was told it. */
  readonly repoUrl?: string;
};

/** A version holds a commit exactly as a run of it does that nothing happened to: I2 and I3. Leaves no other version behind. */
export async function expectGolden(
  { engine, version: aVersionOf, prefix }: FaultStage,
  { repository }: ServedAlias,
  { version, commit, repoUrl = repository.url }: Held,
): Promise<number> {
  const golden = await aVersionOf(version.alias.slice(prefix.length + 1));
  await golden.run(repository.path, commit, { input: { repoUrl, branch: 'main' } });
  const documents = await golden.dump();
  expect(await version.dump()).toEqual(documents);
  expect(await version.record()).toMatchObject({ commit, clean: true });
  for (const { index } of [golden, version]) {
    await engine.indices.delete(index);
    await version.settings.deleteVersion(index);
  }
  return documents.length;
}
