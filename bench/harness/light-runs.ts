import type { IndexedVersion } from '../../test/support/real/an-indexed-version.ts';
import type { GeneratedRepository } from '../generated/repository.ts';
import { changedOperations, readStep, type Step } from './changed-documents.ts';
import { costOf, type Cost } from './cost.ts';
import { bodiesOf, type MinimalClient } from './minimal-bulk.ts';
import { bulkBytes, type Stage } from './stage.ts';

/** A version that was filled from a generated repository, and stands at its base commit between measurements. */
export type Ready = {
  readonly stage: Stage;
  readonly repository: GeneratedRepository;
  readonly version: IndexedVersion;
  readonly repoUrl: string;
  /** What it took to fill the version. */
  readonly full: Cost;
};

/** Fills a version by one full run. */
export async function readyVersion(stage: Stage, repository: GeneratedRepository): Promise<Ready> {
  const name = `light-${repository.files}`;
  const version = await stage.version(name);
  const repoUrl = `${stage.bed.git.url}${stage.serve(name, repository.path)}`;
  const full = await stage.work({ version, repoUrl, commit: repository.base, mode: 'full' });
  return { stage, repository, version, repoUrl, full };
}

/** A run to the commit at which the version stands. */
export async function noopRun({ stage, repository, version, repoUrl }: Ready): Promise<Cost> {
  const run = await stage.work({ version, repoUrl, commit: repository.base, mode: 'incremental' });
  if (run.result.outcome !== 'noop') throw new Error(`a run with nothing to do ended as ${run.result.outcome}`);
  return run;
}

/** Runs over so many changed files, there and back by turns, so that each changes as many; ends with `home`. */
export type StepRuns = { readonly next: () => Promise<Cost>; readonly home: () => Promise<void> };

export function stepRuns({ stage, repository, version, repoUrl }: Ready, count: number): StepRuns {
  const { base } = repository;
  const changed = commitWith(repository, count);
  let at = base;
  const next = async (): Promise<Cost> => {
    at = at === base ? changed : base;
    const run = await stage.work({ version, repoUrl, commit: at, mode: 'incremental' });
    if (run.result.outcome !== 'succeeded') throw new Error(`a run with changes ended as ${run.result.outcome}`);
    return run;
  };
  const home = async (): Promise<void> => {
    if (at !== base) await next();
  };
  return { next, home };
}

/** The least for the same step: which files differ, their content, and bulks of documents that were made before. */
export async function stepLimit(ready: Ready, client: MinimalClient, count: number): Promise<() => Promise<Cost>> {
  const { stage, repository } = ready;
  const step: Step = { path: repository.path, from: repository.base, to: commitWith(repository, count) };
  const { index } = await stage.version(`limit-${repository.files}`);
  const bodies = await bodiesOf(changedOperations(step), bulkBytes);
  return () =>
    costOf(async () => {
      await readStep(step);
      for (const body of bodies) await client.bulk(index, body);
    });
}

function commitWith({ changed, files }: GeneratedRepository, count: number): string {
  const commit = changed[count];
  if (commit === undefined) throw new Error(`the repository of ${files} files has no commit with ${count} changes`);
  return commit;
}
