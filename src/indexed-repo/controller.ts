import { indexedRepoResource } from '../api/indexed-repo.ts';
import type { Key } from '../api/object.ts';
import type { Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { onlyAsSeen } from '../objects/as-seen.ts';
import { writeStatus, type StatusWriter } from '../objects/status-writer.ts';
import { carryOut, refusedMs, type Refusal } from '../plan/carry-out.ts';
import { hasMark } from '../plan/effect.ts';
import type { RunMeter } from '../work/ended-run.ts';
import { kubeJobs } from '../work/kube-jobs.ts';
import { decideRepo, type Decision } from './decide.ts';
import { runsTold } from './light-figures.ts';
import { repoNews } from './news.ts';
import { gather, otherLightRuns, type Sources } from './observe.ts';
import { isSettledBy } from './settled.ts';
import { repoStatus } from './status.ts';
import { VersionSizes } from './version-sizes.ts';

export type IndexedRepoParts = StatusWriter &
  Omit<Sources, 'starting' | 'sizes'> & {
    readonly kube: Kube;
    /** For a status after which all is done: see settled.ts. */
    readonly statuses: Pick<Kube, 'patchStatus'>;
    readonly runs: RunMeter;
  };

/** The loop of an IndexedRepo: gather, decide, apply, one status write, events after it. Wiring only. */
export function indexedRepoReconciler(parts: IndexedRepoParts): Reconciler {
  const starting = new Map<string, Key>();
  const sizes = new VersionSizes(parts.clock);
  const sources: Sources = { ...parts, starting, sizes };
  const workplace = kubeJobs(parts.kube);
  return async (key, log) => {
    const repo = parts.repos.get(key);
    if (!repo) {
      const uids = new Set(parts.repos.list().map(each => each.metadata.uid));
      [parts.heads, sizes].forEach(memory => memory.keepOnly(uids));
      return { is: 'done' };
    }
    const { uid } = repo.metadata;
    const gathered = await gather(repo, sources);
    // From here to `starting` nothing is waited for: the count holds.
    const observed = { ...gathered.observed, otherLightRuns: otherLightRuns(repo, sources) };
    const decided = decideRepo(observed);
    if (hasMark(decided.effects, 'starts-work')) starting.set(uid, key);
    else starting.delete(uid);
    const movesObject = hasMark(decided.effects, 'moves-object');
    const hands = { kube: parts.kube, engine: gathered.hands, workplace };
    let decision: Decision = decided;
    const due = onlyAsSeen(decided.effects, parts.kube, [{ resource: indexedRepoResource, object: repo }]);
    await carryOut(due, { hands, log }, async refusal => {
      if (movesObject && !refusal) return; // the watch brings it back
      // Its place is free for others until the Job is made.
      if (refusal && refusal.effect.marks.includes('starts-work')) starting.delete(uid);
      decision = refused(decided, refusal);
      const status = repoStatus(observed, decision);
      // After a refusal the next look comes by its back-off, not by what was written of it.
      const kube = refusal || isSettledBy(status, observed, decision) ? parts.statuses : parts.kube;
      const wrote = await writeStatus(
        { kube, events: parts.events },
        { resource: indexedRepoResource, object: repo, status, news: repoNews(observed, status), log },
      );
      if (wrote === 'written') runsTold(observed).forEach(run => parts.runs.ended(run));
    });
    if (movesObject || decision.againInMs === undefined) return { is: 'done' };
    return { is: 'again', inMs: decision.againInMs };
  };
}

/** What is refused for good is not tried at once again, however soon the decision wanted to look, nor at its next tick only. */
function refused(decision: Decision, refusal: Refusal | undefined): Decision {
  return refusal ? { ...decision, refusal, againInMs: refusedMs } : decision;
}
