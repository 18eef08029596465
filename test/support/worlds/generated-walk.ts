import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { below, seededRandom, type Random } from '../../../bench/harness/random.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { openRemote } from '../../../src/git/repository.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import type { IndexingPorts } from '../../../src/workers/index/input.ts';
import { aGitServer } from '../real/a-git-server.ts';
import { aPartitionedRun } from './a-partitioned-run.ts';
import { aRepository, type TestRepository } from '../real/a-repository.ts';
import { aVersion, type IndexedVersion } from '../real/an-indexed-version.ts';
import { isWhole } from '../objects/sampled.ts';
import { kindsMaxFileBytes } from '../objects/file-kinds.ts';
import { allOperations, generatedHistory, type GeneratedCommit, type GeneratedHistory } from './generated-history.ts';
import { expectedTree, indexedTree } from '../checks/indexed-tree.ts';
import { expireLease, untilKilled } from './killed-run.ts';
import type { DumpedDocument } from '../checks/version-dump.ts';

const length = isWhole ? { leastCommits: 40, leastOfEach: 3 } : { leastCommits: 15, leastOfEach: 1 };
const selection = { include: [], exclude: [], maxFileBytes: kindsMaxFileBytes };
const incremental = { mode: 'incremental', selection } as const;

/** The first of the seeds that are walked. Others: REINDEER_SEED=7 npm test -- contract */
export const firstSeed = Number(process.env['REINDEER_SEED'] ?? 1);

type Bench = { readonly engine: Engine; readonly prefix: string };

/** How often another way to the same commit is taken: at each nth commit; a full build at the tip as well. */
export type Effort = { readonly fullEvery: number; readonly killEvery: number };

/** A repository, and how the incremental runs come by its commits; absent = from its folder. */
export type Place = { readonly repository: TestRepository; readonly open?: (commit: string) => Opener };
type Opener = IndexingPorts['openRepository'];

export async function withRepository(work: (repository: TestRepository) => Promise<void>): Promise<void> {
  const repository = await aRepository();
  try {
    await work(repository);
  } finally {
    repository.remove();
  }
}

export async function withRemote(work: (place: Place) => Promise<void>): Promise<void> {
  const server = await aGitServer();
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-oracle-'));
  try {
    const repository = await server.repository('history');
    const how = { url: repository.url, credentials: { ca: server.ca }, addresses: [], refName: 'refs/heads/main' };
    const open = (commit: string): Opener => {
      const own = mkdtempSync(join(folder, 'run-'));
      return blobs => openRemote({ ...how, commit, blobs, folder: own });
    };
    await work({ repository, open });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The incremental version is brought to each commit in turn; so is a second one, by runs that are killed and resumed. */
export async function walk(bench: Bench, { repository, open }: Place, seed: number, effort: Effort): Promise<void> {
  const history = generatedHistory(seed, length);
  expectEnough(history);
  const [whole, killed] = [await another(bench), await another(bench)];
  const random = seededRandom(seed);
  const kills = { meant: 0, hit: 0 };
  let oid = '';
  for (const [at, commit] of history.commits.entries()) {
    oid = await commitTo(repository, commit);
    const what = `seed ${seed}, commit ${at}: ${commit.operations.join(', ')}`;
    const ports = open && { openRepository: open(oid) };
    const end = await whole.run(repository.path, oid, { input: incremental, ...(ports && { ports }) });
    expect({ what, ...end.result }).toMatchObject({ what, outcome: 'succeeded', errors: [] });
    const documents = await whole.dump();
    const git = await expectedTree(repository, oid, commit.expected);
    expect({ what, tree: indexedTree(documents) }).toEqual({ what, tree: git });
    if (at % effort.killEvery === 0) {
      kills.meant += 1;
      if (await killedAndResumed(bench, killed, { repository, oid, random })) kills.hit += 1;
      expect({ what, documents: await killed.dump() }).toEqual({ what, documents });
    }
    if (at % effort.fullEvery === 0) {
      expect({ what, documents: await builtInFull(bench, repository, oid) }).toEqual({ what, documents });
    }
  }
  const documents = await whole.dump();
  expect(await builtInFull(bench, repository, oid)).toEqual(documents);
  expect(await builtInParts(bench, repository, oid)).toEqual(documents);
  expect(kills.hit).toBeGreaterThan(kills.meant / 2);
  console.log(`${said(history)}; ${kills.hit} of ${kills.meant} second runs were killed and resumed`);
}

async function builtInFull(bench: Bench, repository: TestRepository, oid: string): Promise<readonly DumpedDocument[]> {
  const full = await another(bench);
  expect(await full.run(repository.path, oid, { input: { selection } })).toMatchObject({ exitCode: 0 });
  return dumpedAndDeleted(bench, full);
}

/** By three workers, each of which fills its part. */
async function builtInParts(bench: Bench, repository: TestRepository, oid: string): Promise<readonly DumpedDocument[]> {
  const parts = await another(bench);
  const run = aPartitionedRun(parts, { repository: repository.path, commit: oid }, 3);
  for (const partition of [2, 0, 1]) {
    expect(await run.pod(partition, { input: { selection } })).toMatchObject({ exitCode: 0 });
  }
  expect(await parts.record()).toMatchObject({ commit: oid, clean: true });
  return dumpedAndDeleted(bench, parts);
}

async function dumpedAndDeleted({ engine }: Bench, version: IndexedVersion): Promise<readonly DumpedDocument[]> {
  const documents = await version.dump();
  await engine.indices.delete(version.index);
  return documents;
}

/** A further version of the same alias: ids hold the alias. */
function another({ engine, prefix }: Bench): Promise<IndexedVersion> {
  return aVersion(engine, prefix);
}

function expectEnough({ commits, counts }: GeneratedHistory): void {
  expect(commits.length).toBeGreaterThanOrEqual(length.leastCommits);
  const tooRare = allOperations.filter(operation => (counts.get(operation) ?? 0) < length.leastOfEach);
  expect(tooRare).toEqual([]);
}

function said({ seed, commits, counts }: GeneratedHistory): string {
  const uses = [...counts].map(([operation, count]) => `${operation} ${count}`).sort();
  return `seed ${seed}: ${commits.length} commits (${uses.join('; ')})`;
}

async function commitTo(repository: TestRepository, commit: GeneratedCommit): Promise<string> {
  if (commit.history === 'goes on') return repository.commit(commit.changes);
  const oid = await repository.rewrite(commit.whole);
  if (commit.history === 'is rewritten and collected') {
    await repository.git('reflog', 'expire', '--expire=now', '--all');
    await repository.git('gc', '--quiet', '--prune=now');
  }
  return oid;
}

type Doomed = { readonly repository: TestRepository; readonly oid: string; readonly random: Random };

/** False when the run had too few writes to be killed at the one that was meant. */
async function killedAndResumed(
  { engine, prefix }: Bench,
  version: IndexedVersion,
  { repository, oid, random }: Doomed,
): Promise<boolean> {
  const when = random() < 0.5 ? 'before' : 'after';
  const doomed = untilKilled(engine, { at: 1 + below(random, 3), when, counted: 'documents' });
  await version.run(repository.path, oid, {
    input: { ...incremental, bulkBytes: 4096, bulkConcurrency: 1 },
    ports: { engine: doomed.engine, settings: settingsOn(doomed.engine, `${prefix}-settings`) },
  });
  if (!doomed.isDead()) return false;
  await expireLease(version);
  const end = await version.run(repository.path, oid, { input: incremental });
  expect(end.result).toMatchObject({ outcome: 'succeeded', errors: [] });
  return true;
}
