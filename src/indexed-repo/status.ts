import { claimantOf } from '../alias/claimant.ts';
import { foreignIndices, isOwned } from '../alias/ownership.ts';
import { durationMs } from '../api/duration.ts';
import { foreignShown } from '../api/indexed-repo-status.ts';
import type { IndexedRepoStatus, VersionStatus } from '../api/indexed-repo.ts';
import type { Condition } from '../api/meta.ts';
import { setCondition } from '../domain/conditions.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { VersionRecord } from '../domain/records.ts';
import { nextRunText } from '../domain/schedule.ts';
import { hasFailed } from '../runs/queue.ts';
import { versionStatus } from '../runs/version-status.ts';
import { repoConditions } from './conditions.ts';
import { behindSince, type Decision } from './decide.ts';
import { rebuildDue } from './due.ts';
import { heldShape } from './hold.ts';
import { lightImage, lightStanding } from './light-standing.ts';
import { runNowAsked } from './light.ts';
import type { Observed } from './observed.ts';
import { nextSlot } from './slot.ts';
import { revisionDone, runningRequest } from './owned-requests.ts';

/** The whole status as it should read after this decision. What the engine could not say now stays as it was. */
export function repoStatus(o: Observed, decision: Decision): IndexedRepoStatus {
  const before: Partial<IndexedRepoStatus> = o.repo.status;
  const versions = o.engine
    ? versionsOf(o)
    : { live: before.live, candidate: before.candidate, retired: before.retired, foreign: before.foreign };
  return {
    observedGeneration: o.repo.metadata.generation,
    ...versions,
    lock: o.engine ? lock(o) : before.lock,
    source: source(o),
    light: light(o),
    rebuild: rebuild(o, decision),
    conditions: conditions(o, decision),
  }; // absent fields are undefined here and left out by the merge patch
}

function versionsOf(o: Observed) {
  const versions = o.engine?.versions ?? [];
  // An alias of somebody else is not ours to show.
  const claimant = claimantOf(o.repo);
  const isOurs = o.engine && isOwned(claimant, o.engine);
  const record = isOurs ? o.engine.record : undefined;
  const foreign = isOurs ? foreignIndices(claimant, o.engine).slice(0, foreignShown) : [];
  const retired = (record?.retired ?? []).flatMap(number => versions.find(version => version.number === number) ?? []);
  const candidate = versions.find(version => version.number === record?.candidate);
  return {
    live: live(o),
    candidate: candidate && shown(o, candidate),
    retired:
      retired.length > 0 ? retired.map(version => ({ ...shown(o, version), ...expires(o, version) })) : undefined,
    foreign: foreign.length > 0 ? foreign : undefined,
  };
}

function live(o: Observed): VersionStatus | undefined {
  const record = o.engine?.live;
  if (!record) return undefined;
  const { documents } = o.engine ?? {};
  return { ...shown(o, record), ...(documents !== undefined && { documents }) };
}

/** With the name of the request that built it, as long as anybody remembers. */
function shown(o: Observed, record: VersionRecord): VersionStatus {
  const { live: liveBefore, candidate, retired = [] } = o.repo.status;
  const known = [liveBefore, candidate, ...retired].find(version => version?.number === record.number)?.request;
  const request =
    known ?? o.requests.find(each => each.status.to?.number === record.number && !hasFailed(each))?.metadata.name;
  return {
    ...versionStatus(record),
    workerImage: lightImage(o, record),
    ...(request !== undefined && { request }),
  };
}

function expires(o: Observed, record: VersionRecord): { expires?: string } {
  const { for: keptFor } = o.repo.spec.retain;
  if (keptFor === undefined) return {};
  return { expires: isoSeconds(new Date(Date.parse(record.since) + durationMs(keptFor))) };
}

function lock(o: Observed): IndexedRepoStatus['lock'] {
  const lease = o.engine?.lock;
  if (!lease?.held || !lease.holder) return undefined;
  const before = o.repo.status.lock;
  const since = before?.token === lease.token ? before.since : isoSeconds(o.now);
  const silentSince = o.engine?.lockSilentSince;
  const { name: holder, kind } = lease.holder;
  return { holder, kind, token: lease.token, since, ...(silentSince !== undefined && { silentSince }) };
}

function source(o: Observed): IndexedRepoStatus['source'] {
  const commit = o.head?.is === 'found' ? o.head.commit : o.repo.status.source?.commit;
  if (commit === undefined) return undefined;
  const since = behindSince(o);
  return { commit, ...(since !== undefined && { behindSince: since }) };
}

function light(o: Observed): IndexedRepoStatus['light'] {
  const { failures, last } = lightStanding(o);
  const next =
    o.repo.spec.paused || o.schedule.is === 'invalid'
      ? undefined
      : nextRunText(o.schedule, o.repo.spec.light.schedule, o.now);
  // Answered once the remote was asked for it.
  const runNow = (o.head && runNowAsked(o.repo)) ?? o.repo.status.light?.lastRunNow;
  return {
    failures,
    ...(next !== undefined && { next }),
    ...(runNow !== undefined && { lastRunNow: runNow }),
    ...(last && { last }),
  };
}

function rebuild(o: Observed, decision: Decision): IndexedRepoStatus['rebuild'] {
  const due = o.engine ? dueShown(o) : (o.repo.status.rebuild?.due ?? []);
  const request = runningRequest(o)?.metadata.name;
  const next = o.engine ? nextRebuild(o, decision) : o.repo.status.rebuild?.next;
  const revision = revisionDone(o);
  const held = heldShape(o);
  return {
    ...(due.length > 0 && { due: [...due] }),
    ...(request !== undefined && { request }),
    ...(next !== undefined && { next }),
    ...(revision !== undefined && { revision }),
    ...(held !== undefined && { heldShape: held }),
  };
}

/** The next try of one that failed, or the next slot, whichever comes first. */
function nextRebuild(o: Observed, { rebuild: plan }: Decision): string | undefined {
  const times = [plan.is === 'later' ? plan.at : undefined, nextSlot(o)].filter(time => time !== undefined);
  const [first] = times.toSorted((a, b) => a.getTime() - b.getTime());
  return first && isoSeconds(first);
}

function dueShown(o: Observed): readonly DueStatus[] {
  return rebuildDue(o).map(({ is, ...due }) => ({ ...due, held: is !== 'wanted' }));
}

type DueStatus = NonNullable<NonNullable<IndexedRepoStatus['rebuild']>['due']>[number];

function conditions(o: Observed, decision: Decision): readonly Condition[] {
  const before = (o.repo.status.conditions ?? []) as readonly Condition[]; // the schema of the status gives strings
  return repoConditions(o, decision).reduce(
    (list, update) => setCondition(list, update, o.now, o.repo.metadata.generation),
    before,
  );
}
