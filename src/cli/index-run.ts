import type { Selection } from '../domain/document-model.ts';
import { TerminalError } from '../domain/errors.ts';
import type { Holder } from '../domain/records.ts';
import { branchLabel, isHead } from '../domain/ref.ts';
import { runIndexing, type IndexingEnd } from '../workers/index/run-indexing.ts';
import { cliOwnerUid, ownerName, type CliContext } from './context.ts';
import { ownerText } from './lock-show.ts';
import type { Source } from './source.ts';

/** What `reindeer index` was asked for. */
export type IndexRequest = {
  readonly alias: string;
  readonly branch: string;
  /** The only folder of the repository that is indexed, as `folderOf` gives it; '' = all of it. */
  readonly folder: string;
  readonly clean: boolean;
  readonly keepOldIndices: boolean;
};

const maxFileBytes = 1_048_576;

/** What is indexed where no IndexedRepo says otherwise. Paths of documents stay those of the repository. */
export function cliSelection(folder: string): Selection {
  return { include: folder === '' ? [] : [`${asGlob(folder)}/**`], exclude: [], maxFileBytes };
}

/** The glob that matches a path and nothing else. */
function asGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|^$]/g, '\\$&');
}

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
  target: {
    readonly request: IndexRequest;
    readonly index: string;
    readonly mode: 'full' | 'incremental';
    readonly tokenFloor?: number;
  },
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
      selection: cliSelection(target.request.folder),
      holder: holderOf(context),
      runUid: processUid,
      tokenFloor: target.tokenFloor ?? 0,
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
  if (end.exitCode === 0) await rememberHead(context, source, target);
  return end;
}

/** HEAD may stand for another branch tomorrow; what is indexed says which one it was. */
async function rememberHead(
  { settings }: CliContext,
  { refName }: Source,
  { request, index }: { readonly request: IndexRequest; readonly index: string },
): Promise<void> {
  const head = isHead(request.branch) ? refName : undefined;
  await settings.changeVersion(index, ({ head: _, ...version }) => ({ ...version, ...(head && { head }) }));
}

/** Makes the alias ours, or says whose it is. */
export async function claimAlias({ engine, settings }: CliContext, alias: string): Promise<void> {
  const { uuid } = await engine.info();
  await settings.ensure();
  if ((await engine.aliases.kindOf(alias)) === 'index') {
    throw new TerminalError('AliasIsIndex', `"${alias}" is a concrete index: delete it, or choose another alias`);
  }
  const owner = { clusterUuid: uuid, namespace: '', name: ownerName, uid: cliOwnerUid };
  const claimed = await settings.claim(alias, owner);
  if (claimed.is === 'ours') return;
  throw new TerminalError('AliasOwnedElsewhere', `"${alias}" belongs to ${ownerText(claimed.by)}`);
}
