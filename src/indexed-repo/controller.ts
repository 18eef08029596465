import { indexedRepoResource } from '../api/indexed-repo.ts';
import { apply } from '../plan/apply.ts';
import type { Reconciler } from '../kube/controller.ts';
import type { Kube } from '../kube/port.ts';
import { writeStatus, type StatusWriter } from '../kube/status-writer.ts';
import { decideRepo } from './decide.ts';
import { gather, type Sources } from './observe.ts';
import { repoStatus } from './status.ts';

export type IndexedRepoParts = StatusWriter & Sources & { readonly kube: Kube };

/** The loop of an IndexedRepo: gather, decide, apply, one status write, events after it. Wiring only. */
export function indexedRepoReconciler(parts: IndexedRepoParts): Reconciler {
  return async (key, log) => {
    const repo = parts.repos.get(key);
    if (!repo) return { is: 'done' };
    const { observed, hands } = await gather(repo, parts);
    const decision = decideRepo(observed);
    await apply(decision.effects, { kube: parts.kube, engine: hands, log });
    if (decision.effects.some(effect => effect.do === 'remove-finalizer')) parts.heads.forget(repo.metadata.uid);
    if (decision.effects.some(effect => effect.do === 'add-finalizer' || effect.do === 'remove-finalizer'))
      return { is: 'done' }; // the watch brings it back
    await writeStatus(parts, {
      resource: indexedRepoResource,
      object: repo,
      status: repoStatus(observed, decision),
      log,
    });
    return decision.againInMs === undefined ? { is: 'done' } : { is: 'again', inMs: decision.againInMs };
  };
}
