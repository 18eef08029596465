import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Selection } from '../../src/domain/document-model.ts';
import { openLocal } from '../../src/git/local.ts';
import type { Repository } from '../../src/git/repository.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Operation } from '../../src/workers/bulk/operation.ts';
import { DocumentMaker } from '../../src/workers/index/documents/document-maker.ts';
import { plainDocuments, type DocumentContext } from '../../src/workers/index/documents/documents.ts';
import { compareTree } from '../../src/workers/index/plan/compare.ts';
import { PlanFile, type PlannedChange } from '../../src/workers/index/plan/plan-file.ts';
import { withSizes } from '../../src/workers/index/plan/sizing.ts';
import { viewTree } from '../../src/workers/index/tree/tree-view.ts';
import { stepsOf } from '../../src/workers/index/write-file.ts';
import type { CommitOnDisk } from './tree-on-disk.ts';

/** What an IndexedRepo selects that says nothing. */
export const everything: Selection = { include: [], exclude: [], maxFileBytes: 1_048_576 };

/** As a run cuts files, or as it would if there were no grammars: every one by its lines, in one thread. */
export type Cutting = 'syntax' | 'lines';

/**
 * Every operation of a full run, in its order, by the worker's own code: everything that it does between Git and the
 * engine, and nothing of the engine.
 */
export async function* fullRunOperations(
  { path, commit }: CommitOnDisk,
  alias: string,
  cutting: Cutting = 'syntax',
): AsyncGenerator<Operation> {
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
  try {
    const repository = await openLocal({ path, commit, folder });
    const sized = await fullPlan(repository, commit, folder);
    const context = { repo: alias, repoUrl: repositoryUrl, branch: '', indexedAt: '2026-01-01T00:00:00Z', token: 1 };
    const maker = cutting === 'lines' ? lineMaker(context) : documentMaker(context, sized.count);
    try {
      const steps = stepsOf(sized, repository, { maker, maxFileBytes: everything.maxFileBytes, aheadBytes });
      for await (const { write } of steps) {
        yield* write.chunks;
        if (write.document !== undefined) yield write.document;
      }
    } finally {
      await maker.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function documentMaker(context: DocumentContext, files: number): DocumentMaker {
  return new DocumentMaker({ context, files, clock: systemClock, signal: new AbortController().signal });
}

function lineMaker(context: DocumentContext): Pick<DocumentMaker, 'context' | 'make' | 'close'> {
  const make: DocumentMaker['make'] = (entry, bytes) => Promise.resolve(plainDocuments(context, entry, bytes));
  return { context, make, close: () => Promise.resolve() };
}

/** Half of the bulk that a Job sends when nothing else is said. */
const aheadBytes = 2 * 1024 * 1024;
const repositoryUrl = 'https://git.example.org/bench.git';

async function fullPlan(repository: Repository, commit: string, folder: string): Promise<PlanFile> {
  const tree = await viewTree(repository, commit, everything);
  const plan = new PlanFile(join(folder, 'changes'));
  const expectation = {
    branch: '',
    repoUrl: repositoryUrl,
    maxFileBytes: everything.maxFileBytes,
    selectionChanged: false,
  };
  const differences = compareTree(tree.entries(), emptyManifest(), tree, expectation);
  await plan.write(changesOf(differences));
  const sized = new PlanFile(join(folder, 'sized-changes'));
  await withSizes(plan, sized, repository);
  return sized;
}

async function* emptyManifest(): AsyncGenerator<never> {
  // A version that was just made holds nothing.
}

async function* changesOf(differences: ReturnType<typeof compareTree>): AsyncGenerator<PlannedChange> {
  for await (const batch of differences) {
    for (const difference of batch) if (difference.is === 'change') yield { change: difference.change };
  }
}
