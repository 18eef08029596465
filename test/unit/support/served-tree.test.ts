import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine } from '../../../src/engine/port.ts';
import { servedProblems } from '../../support/checks/served-tree.ts';
import { fakeEngine } from '../../support/fakes/fake-engine.ts';
import { ndjson } from '../../support/objects/an-index.ts';
import { aRepository, type TestRepository } from '../../support/real/a-repository.ts';
import { aVersion, type IndexedVersion } from '../../support/real/an-indexed-version.ts';

describe('what an alias serves, compared with what its record says', () => {
  let repository: TestRepository;
  let engine: Engine;
  let version: IndexedVersion;
  beforeAll(async () => {
    engine = fakeEngine();
    repository = await aRepository();
    version = await aVersion(engine, 't');
    const commit = await repository.commit({ 'a.ts': 'export const a = 1;\n', 'b.ts': 'export const b = 2;\n' });
    await version.run(repository.path, commit);
    await engine.aliases.update([{ add: { index: version.index, alias: version.alias } }]);
  });
  afterAll(() => repository.remove());

  const problems = (): Promise<readonly string[] | undefined> =>
    servedProblems({ engine, settings: version.settings }, version.alias, repository);

  it('is the tree of the commit', async () => {
    expect(await problems()).toEqual([]);
  });

  it('is not compared while a writer is at work', async () => {
    const { settings, index } = version;
    await settings.changeVersion(index, record => ({ ...record, clean: false }));
    expect(await problems()).toBeUndefined();
    await settings.changeVersion(index, record => ({ ...record, clean: true }));
  });

  it('lacks a file', async () => {
    const { hits } = await engine.documents.search(version.index, { query: { term: { filePath: 'b.ts' } } });
    const lines = hits.map(({ id }) => ({ delete: { _id: id } }));
    await engine.documents.bulk(ndjson(...lines), { target: version.index, requireAlias: false });
    await engine.indices.refresh(version.index);
    expect(await problems()).toEqual([expect.stringContaining('holds 1 of 2 files')]);
  });
});
