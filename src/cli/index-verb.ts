import { exitCodes } from '../api/exit-codes.ts';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import type { VersionRecord } from '../domain/records.ts';
import { versionName } from '../domain/version.ts';
import { type WorkerResult } from '../work/contract.ts';
import type { IndexingEnd } from '../workers/index/run-indexing.ts';
import { skipText } from '../workers/index/verify/skips.ts';
import { advice } from './advice.ts';
import { buildVersion, removeReplaced } from './build-version.ts';
import type { CliContext } from './context.ts';
import { claimAlias, indexInto, type IndexRequest } from './index-run.ts';
import { withSource, type Source } from './source.ts';
import { takeLock } from './take-lock.ts';
import { UsageError } from './usage-error.ts';

/**
 * `reindeer index`: the exit code of the worker contract. Everything is said on `output`. The alias is claimed once the
 * repository was found, and given back when nothing was built.
 */
export async function indexVerb(context: CliContext, repository: string, request: IndexRequest): Promise<number> {
  const { git: credentials, signal } = context;
  const end = await withSource({ repository, branch: request.branch, credentials, signal }, async source => {
    await claimAlias(context, request.alias);
    await removeReplaced(context, request.alias);
    const live = request.clean ? null : await liveVersion(context, request.alias);
    if (live === null) return build(context, source, request);
    await requireSameSource(context, source, request, live);
    return lightRun(context, source, request, live);
  });
  tell(context, request, end);
  return end.exitCode;
}

/** One alias, one repository: the documents of another would replace those that people search. */
async function requireSameSource(
  { settings }: CliContext,
  source: Source,
  request: IndexRequest,
  live: number,
): Promise<void> {
  const version = (await settings.versionRecord(versionName(request.alias, live)))?.source;
  if (version === undefined || isOfSource(version, source, request)) return;
  throw new UsageError(
    `"${request.alias}" holds ${sourceText(version)}, not ${sourceText({ ...source, ...request })}: choose another alias, or build a new version beside the live one with --clean`,
  );
}

/** Whether a version holds this repository, and of it the same folder. */
function isOfSource(
  { repoUrl, folder = '' }: Pick<VersionRecord, 'repoUrl' | 'folder'>,
  source: Pick<Source, 'repoUrl'>,
  request: Pick<IndexRequest, 'folder'>,
): boolean {
  return repoUrl === source.repoUrl && folder === request.folder;
}

function sourceText({ repoUrl, folder = '' }: Pick<VersionRecord, 'repoUrl' | 'folder'>): string {
  return folder === '' ? repoUrl : `${folder} of ${repoUrl}`;
}

/** The version that the alias serves now; an alias without one gets its first version by a heavy run. */
async function liveVersion({ engine, settings }: CliContext, alias: string): Promise<number | null> {
  const record = await settings.aliasRecord(alias);
  const live = record?.source.live ?? null;
  if (live === null) return null;
  const members = await engine.aliases.members(alias);
  return members.length === 1 && members[0]?.index === versionName(alias, live) ? live : null;
}

async function indexLive(
  context: CliContext,
  source: Source,
  request: IndexRequest,
  live: number,
): Promise<IndexingEnd> {
  return indexInto(context, source, { request, index: versionName(request.alias, live), mode: 'incremental' });
}

async function lightRun(
  context: CliContext,
  source: Source,
  request: IndexRequest,
  live: number,
): Promise<IndexingEnd> {
  let end = await indexLive(context, source, request, live);
  if (end.result.outcome === 'skipped' && (await isFreed(context, request.alias)))
    end = await indexLive(context, source, request, live);
  if (end.exitCode !== exitCodes.fullReindexNeeded) return end;
  context.output.note('The live version was made by another release of this program: building a new one beside it.');
  return build(context, source, request);
}

/** Where an earlier command had built all of it, what was committed since is all that is left to do. */
async function build(context: CliContext, source: Source, request: IndexRequest): Promise<IndexingEnd> {
  const built = await buildVersion(context, source, request);
  if (built) return built;
  const live = await liveVersion(context, request.alias);
  if (live !== null) return indexLive(context, source, request, live);
  throw new TerminalError('Drifted', `"${request.alias}" does not serve what was built: somebody else moved it`);
}

/** A program that died left its lock: it is given back once it was seen unmoved for a whole lease. */
async function isFreed(context: CliContext, alias: string): Promise<boolean> {
  const lease = (await context.settings.lockRecord(alias))?.source.lease;
  if (lease?.held !== true || lease.holder?.kind !== 'External') return lease?.held === false;
  context.output.note(
    `${alias} is held by ${lease.holder.name}: seeing for ${lease.leaseSeconds} s whether it is alive ...`,
  );
  try {
    await (await takeLock(context, alias)).release();
    return true;
  } catch (error) {
    if (error instanceof RetryableError && error.reason === 'Queued') return false;
    throw error;
  }
}

function tell({ output }: CliContext, { alias, folder }: IndexRequest, { exitCode, result }: IndexingEnd): void {
  switch (result.outcome) {
    case 'succeeded':
      output.line(`${alias}: ${summary(result)}`);
      return;
    case 'noop':
      output.line(`${alias}: already at ${result.commit.slice(0, 10)}, nothing to do`);
      return;
    case 'skipped':
      output.line(`${alias}: skipped, a reindexing run holds the alias; \`reindeer status ${alias}\` shows which`);
      output.note('If that program is gone for good, the same command with --clean takes the alias over.');
      return;
    case 'failed': {
      const where = result.reason === 'NothingSelected' && folder !== '' ? ` below ${folder}` : '';
      output.note(`${alias}: ${result.errors[0] ?? 'failed'}${where}`);
      if (advice(result.reason) !== '') output.note(advice(result.reason));
      output.note(`exit code ${exitCode}`);
      return;
    }
  }
}

function summary({ commit, files, chunks, skips, ms }: WorkerResult): string {
  const skipped = files.skipped > 0 ? `, ${files.skipped} skipped (${skipText(skips)})` : '';
  const changed = `${files.indexed} written, ${files.deleted} removed`;
  return `${commit.slice(0, 10)} is live: ${files.total} files${skipped}, ${chunks.total} chunks (${changed}) in ${(ms / 1000).toFixed(1)} s`;
}
