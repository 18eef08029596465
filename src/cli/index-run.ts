import { TerminalError } from '../domain/errors.ts';
import type { Holder } from '../engine/settings-port.ts';
import { branchLabel } from '../git/ref.ts';
import { runIndexing, type IndexingEnd } from '../workers/index/run-indexing.ts';
import { cliOwnerUid, type CliContext } from './context.ts';
import type { Source } from './source.ts';

/** What `reindeer index` was asked for. */
export type IndexRequest = {
  readonly alias: string;
  readonly branch: string;
  readonly clean: boolean;
  readonly keepOldIndices: boolean;
};

/** What is indexed where no IndexedRepo says otherwise. */
export const cliSelection = { include: [], exclude: [], maxFileBytes: 1_048_576 } as const;
const bulkBytes = 4 * 1024 * 1024;
const bulkConcurrency = 2;

/** This process as a holder of locks and leases. */
export function holderOf({ holderName, processUid }: CliContext): Holder {
  return { kind: 'External', name: holderName, uid: processUid, pod: '' };
}

/** Brings one version to the commit of the source. */
export async function indexInto(
  context: CliContext,
  source: Source,
  target: { readonly request: IndexRequest; readonly index: string; readonly mode: 'full' | 'incremental' },
): Promise<IndexingEnd> {
  const { engine, settings, clock, signal, processUid, output } = context;
  const end = await runIndexing(
    {
      mode: target.mode,
      alias: target.request.alias,
      index: target.index,
      repoUrl: source.repoUrl,
      branch: branchLabel(target.request.branch),
      commit: source.commit,
      selection: cliSelection,
      holder: holderOf(context),
      runUid: processUid,
      tokenFloor: 0,
      bulkBytes,
      bulkConcurrency,
      duringReindex: 'Skip',
    },
    {
      engine,
      settings,
      clock,
      signal,
      openRepository: source.open,
      workFolder: source.workFolder,
      random: Math.random,
      onProgress: progress => output.progress(progress),
    },
  );
  // Nobody polls the record of a run that the user watches.
  await settings.deleteRun(processUid);
  return end;
}

/** Makes the alias ours, or says whose it is. */
export async function claimAlias({ engine, settings }: CliContext, alias: string): Promise<void> {
  const { uuid } = await engine.info();
  await settings.ensure();
  if ((await engine.aliases.kindOf(alias)) === 'index') {
    throw new TerminalError('AliasIsIndex', `"${alias}" is a concrete index: delete it, or choose another alias`);
  }
  const owner = { clusterUuid: uuid, namespace: '', name: 'reindeer index', uid: cliOwnerUid };
  const claimed = await settings.claim(alias, owner);
  if (claimed.is === 'ours') return;
  const { namespace, name } = claimed.by;
  const who = namespace === '' ? name : `IndexedRepo ${namespace}/${name}`;
  throw new TerminalError('AliasOwnedElsewhere', `"${alias}" belongs to ${who}: choose another alias`);
}
