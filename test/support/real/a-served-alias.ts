import { publicAlias } from '../../../src/domain/document-model.ts';
import type { TestRepository } from './a-repository.ts';
import { anIndexBody, fencedIndex, ndjson } from '../objects/an-index.ts';
import type { IndexedVersion } from './an-indexed-version.ts';
import type { FaultStage } from './fault-stage.ts';
import type { FaultRecord } from '../checks/fault-table.ts';
import { observe, type Observer } from '../checks/invariants.ts';

/** A repository whose first commit is served behind an alias, beside an index of somebody else with a name like ours. */
export type ServedAlias = {
  readonly repository: TestRepository & { readonly url: string };
  readonly commit: string;
  readonly version: IndexedVersion;
  /** Begins to look at the invariants; this many documents are found through the alias at every moment. */
  observed(record: FaultRecord, committed?: () => number): Observer;
};

const foreignDocuments = 3;
const versionsAtMost = 3;

export async function aServedAlias(
  stage: FaultStage,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<ServedAlias> {
  const { engine } = stage;
  const repository = await stage.git.repository(name);
  const commit = await repository.commit(files);
  const version = await stage.version(name);
  const { exitCode, result } = await version.run(repository.path, commit, {
    input: { repoUrl: repository.url, branch: 'main' },
  });
  if (exitCode !== 0) throw new Error(`the first version was not made: ${JSON.stringify(result)}`);
  await engine.aliases.update([{ add: { index: version.index, alias: version.alias, ...publicAlias } }]);
  const foreign = { index: `${version.alias}-v99`, documents: foreignDocuments };
  await engine.indices.create(foreign.index, anIndexBody());
  const lines = Array.from({ length: foreignDocuments }, (_, n) => fencedIndex(`theirs-${n}`, 1, { n })).flat();
  await engine.documents.bulk(ndjson(...lines), { target: foreign.index, requireAlias: false });
  await engine.indices.refresh(foreign.index);
  const { total } = await engine.documents.search(version.alias, { size: 0, track_total_hits: true });
  return {
    ...{ repository, commit, version },
    observed: (record, committed = () => total) =>
      observe({
        ...{ engine, settings: version.settings, alias: version.alias, committed, foreign, versionsAtMost, record },
      }),
  };
}

/** Files of about one chunk each; other seeds have other texts. */
export function someFiles(count: number, seed: string, folder = 'src'): Readonly<Record<string, string>> {
  const line = (file: number, n: number): string =>
    `export const v${n} = '${seed} ${(file * 7919 + n * 104_729) % 99_991}';\n`;
  const text = (file: number): string => Array.from({ length: 24 }, (_, n) => line(file, n)).join('');
  return Object.fromEntries(
    Array.from({ length: count }, (_, file) => [`${folder}/${file % 20}/f${file}.ts`, text(file)]),
  );
}
