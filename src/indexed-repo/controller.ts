import { TerminalError } from '../domain/errors.ts';
import { indexedRepoResource } from '../api/indexed-repo.ts';
import { apply, type Hands } from '../plan/apply.ts';
import type { Reconciler } from '../kube/controller.ts';
import type { Key, Kube } from '../kube/port.ts';
import type { RunMeter } from '../runtime/metrics.ts';
import { writeStatus, type StatusWriter } from '../kube/status-writer.ts';
import { decideRepo, type Decision } from './decide.ts';
import { runsTold } from './light-figures.ts';
import { gather, otherLightRuns, type Sources } from './observe.ts';
import { isSettledBy } from './settled.ts';
import { repoStatus } from './status.ts';

export type IndexedRepoParts = StatusWriter &
  Omit<Sources, 'starting'> & {
    readonly kube: Kube;
    /** For a status after which all is done: see settled.ts. */
    readonly statuses: Pick<Kube, 'patchStatus'>;
    readonly runs: RunMeter;
  };

/** The loop of an IndexedRepo: gather, decide, apply, one status write, events after it. Wiring only. */
export function indexedRepoReconciler(parts: IndexedRepoParts): Reconciler {
  const starting = new Map<string, Key>();
  const sources: Sources = { ...parts, starting };
  return async (key, log) => {
    const repo = parts.repos.get(key);
    if (!repo) {
      parts.heads.keepOnly(new Set(parts.repos.list().map(each => each.metadata.uid)));
      return { is: 'done' };
    }
    const { uid } = repo.metadata;
    const gathered = await gather(repo, sources);
    // From here to `starting` nothing is waited for: the count holds.
    const observed = { ...gathered.observed, otherLightRuns: otherLightRuns(repo, sources) };
    const decided = decideRepo(observed);
    if (decided.effects.some(effect => effect.do === 'create-job')) starting.set(uid, key);
    else starting.delete(uid);
    const decision = await carriedOut(decided, { kube: parts.kube, engine: gathered.hands, log }).catch(
      (error: unknown) => {
        // Refused, by a quota say: its place is free for others until it is made.
        starting.delete(uid);
        throw error;
      },
    );
    if (decision.effects.some(effect => effect.do === 'add-finalizer' || effect.do === 'remove-finalizer'))
      return { is: 'done' }; // the watch brings it back
    const status = repoStatus(observed, decision);
    const kube = isSettledBy(status, observed, decision) ? parts.statuses : parts.kube;
    const wrote = await writeStatus(
      { kube, events: parts.events },
      { resource: indexedRepoResource, object: repo, status, log },
    );
    if (wrote === 'written') runsTold(observed).forEach(run => parts.runs.ended(run));
    return decision.againInMs === undefined ? { is: 'done' } : { is: 'again', inMs: decision.againInMs };
  };
}

/** An effect that is refused for good is a thing for a human: it shows in the status instead of being tried for ever. */
async function carriedOut(decision: Decision, hands: Hands): Promise<Decision> {
  try {
    await apply(decision.effects, hands);
    return decision;
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return { ...decision, effects: [], rebuild: { is: 'stalled', reason: error.reason, message: error.message } };
  }
}
