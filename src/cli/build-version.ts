import { keys } from '../api/meta.ts';
import { reindexRequestKind, type ReindexRequest } from '../api/reindex-request.ts';
import { TerminalError } from '../domain/errors.ts';
import { isoSeconds } from '../domain/progress.ts';
import { mainRole, versionName } from '../domain/version.ts';
import type { RepoTarget } from '../runs/target.ts';
import { reindeerVersion } from '../runtime/version.ts';
import type { IndexingEnd } from '../workers/index/run-indexing.ts';
import { cliOwnerUid, ownerName, type CliContext } from './context.ts';
import { deleteVersion } from './delete-version.ts';
import { drive } from './drive.ts';
import { giveBack } from './forget.ts';
import { cliSelection, indexInto, type IndexRequest } from './index-run.ts';
import { LocalWork } from './local-work.ts';
import type { Source } from './source.ts';

/** As many replicas as an IndexedRepo has when it says nothing; on a single node they stay unassigned. */
const shape = { shards: 1, replicas: 1 } as const;

/**
 * Builds a new version beside the live one and switches the alias to it, by the steps of the operator: the alias answers all
 * the time, and what it serves is touched by the switch alone. What an earlier command has built is gone on with; undefined
 * when that left nothing to index.
 */
export async function buildVersion(
  context: CliContext,
  source: Source,
  request: IndexRequest,
): Promise<IndexingEnd | undefined> {
  const work = new LocalWork(async (assignment, signal) => {
    const { token, work: todo } = assignment;
    const within = { ...context, signal: AbortSignal.any([context.signal, signal]) };
    return indexInto(within, source, { request, index: todo.index, mode: todo.mode, tokenFloor: token });
  }, context.processUid);
  const target = targetOf(request, source);
  const head = { is: 'found', commit: source.commit, refName: source.refName } as const;
  const run = { context, request: requestOf(context), target, head, image: `reindeer ${reindeerVersion}`, work };
  let isDone = false;
  try {
    const driven = await drive(run);
    isDone = driven.is === 'succeeded';
    if (driven.is === 'failed' && (work.end?.exitCode ?? 0) === 0)
      throw new TerminalError(driven.reason, driven.message);
    return work.end;
  } finally {
    // That nothing could be given back is not the news.
    if (!isDone) await giveBack(context, request.alias).catch(() => undefined);
  }
}

function targetOf({ alias, branch, folder, keepOldIndices }: IndexRequest, { repoUrl }: Source): RepoTarget {
  return {
    ...{ is: 'Repo', alias, namespace: '', name: ownerName, uid: cliOwnerUid, takesOverFrom: undefined, tokenSeen: 0 },
    source: { url: repoUrl, ref: branch, ...cliSelection(folder) },
    folder: folder === '' ? undefined : folder,
    ...{ shape, members: [{ role: mainRole }], heldShape: undefined, heavy: {} },
    ...{ resumes: true, removes: keepOldIndices ? 'Nothing' : 'Replaced', retain: { versions: 0 } },
    ...{ paused: false, mayOwn: true, leavingSince: undefined },
  };
}

/** With a name that the schema takes; that of the owner is none, so that no object can have it. */
const unnamed = reindexRequestKind.spec.parse({
  target: { repoRef: { name: 'none' } },
  strategy: 'Rebuild',
  build: { partitions: 1 },
});

/** It has its finalizer from the start: nothing of it stands in Kubernetes. */
function requestOf({ clock, processUid }: CliContext): ReindexRequest {
  return {
    metadata: {
      ...{ namespace: '', name: ownerName, uid: processUid, resourceVersion: '', generation: 1 },
      creationTimestamp: isoSeconds(clock.now()),
      finalizers: [keys.finalizer],
    },
    spec: { ...unnamed, target: { repoRef: { name: ownerName } } },
    status: {},
  };
}

/** What a command that ended early has left: the version that the live one was built to replace. */
export async function removeReplaced(context: CliContext, alias: string): Promise<void> {
  const record = (await context.settings.aliasRecord(alias))?.source;
  if (!record || record.live === null) return;
  const [live] = await context.engine.indices.describe(versionName(alias, record.live));
  const replaced = Number(live?.meta['replaces']);
  if (record.retired.includes(replaced)) await deleteVersion(context, alias, replaced);
}
