import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { below, seededRandom, type Random } from '../../bench/harness/random.ts';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/engine/settings.ts';
import { aRepository, type TestRepository } from '../support/a-repository.ts';
import { aVersion, type IndexedVersion } from '../support/an-indexed-version.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { kindsMaxFileBytes } from '../support/file-kinds.ts';
import {
  allOperations,
  generatedHistory,
  type GeneratedCommit,
  type GeneratedHistory,
} from '../support/generated-history.ts';
import { expectedTree, indexedTree } from '../support/indexed-tree.ts';
import { expireLease, untilKilled } from '../support/killed-run.ts';
import { onRealEngine, type Bench } from './engines.ts';

const leastCommits = 40;
const selection = { include: [], exclude: [], maxFileBytes: kindsMaxFileBytes };
const incremental = { mode: 'incremental', selection } as const;
const minutes = 60_000;

/** How many full builds are compared with on the way; the tip always is. */
type Effort = { readonly fullEvery: number };

describe('a generated history', () => {
  describe('on the fake engine', () => {
    // The last one is another one each time; a failure names it.
    it.each([1, 2, randomInt(1000, 1_000_000)])(
      'of seed %i ends in what Git says, whichever way its commits are indexed',
      seed =>
        withRepository(repository => walk({ engine: fakeEngine(), prefix: 't' }, repository, seed, { fullEvery: 8 })),
      10 * minutes,
    );
  });

  onRealEngine(bench => {
    it(
      'of seed 4 ends in what Git says, whichever way its commits are indexed',
      () => withRepository(repository => walk(bench(), repository, 4, { fullEvery: 20 })),
      15 * minutes,
    );
  });
});

async function withRepository(work: (repository: TestRepository) => Promise<void>): Promise<void> {
  const repository = await aRepository();
  try {
    await work(repository);
  } finally {
    repository.remove();
  }
}

/** The incremental version is brought to each commit in turn; so is a second one, by runs that are killed and resumed. */
async function walk(bench: Bench, repository: TestRepository, seed: number, { fullEvery }: Effort): Promise<void> {
  const history = generatedHistory(seed, leastCommits);
  require(history);
  const versions = { whole: await aVersion(bench.engine, bench.prefix), killed: await another(bench) };
  const random = seededRandom(seed);
  const kills = { meant: 0, hit: 0 };
  for (const [at, commit] of history.commits.entries()) {
    const oid = await commitTo(repository, commit);
    const what = `seed ${seed}, commit ${at}: ${commit.operations.join(', ')}`;
    const end = await versions.whole.run(repository.path, oid, { input: incremental });
    expect({ what, ...end.result }).toMatchObject({ what, outcome: 'succeeded', errors: [] });
    kills.meant += 1;
    if (await killedAndResumed(bench.engine, bench.prefix, versions.killed, { repository, oid, random }))
      kills.hit += 1;
    const documents = await versions.whole.dump();
    const git = await expectedTree(repository, oid, commit.expected);
    expect({ what, tree: indexedTree(documents) }).toEqual({ what, tree: git });
    expect({ what, documents: await versions.killed.dump() }).toEqual({ what, documents });
    if (at % fullEvery !== 0 && at !== history.commits.length - 1) continue;
    const full = await another(bench);
    expect(await full.run(repository.path, oid, { input: { selection } })).toMatchObject({ exitCode: 0 });
    expect({ what, documents: await full.dump() }).toEqual({ what, documents });
    await bench.engine.indices.delete(full.index);
  }
  expect(kills.hit).toBeGreaterThan(kills.meant / 2);
  console.log(`${said(history)}; ${kills.hit} of ${kills.meant} second runs were killed and resumed`);
}

/** A further version of the same alias: ids hold the alias. */
function another({ engine, prefix }: Bench): Promise<IndexedVersion> {
  return aVersion(engine, prefix);
}

function require({ commits, counts }: GeneratedHistory): void {
  expect(commits.length).toBeGreaterThanOrEqual(leastCommits);
  const tooRare = allOperations.filter(operation => (counts.get(operation) ?? 0) < 3);
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
  engine: Engine,
  prefix: string,
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
