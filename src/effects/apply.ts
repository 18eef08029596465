import type { Logger } from 'pino';
import type { EngineHands } from '../alias/engine-hands.ts';
import { indexedRepoResource } from '../api/indexed-repo.ts';
import type { Resource } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import type { Kube } from '../kube/port.ts';
import { applyToEngine } from './apply-engine.ts';
import { effectDetails, effectId, type Effect } from './effect.ts';

export const jobResource: Resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job' };

/** What `apply` works with. Without an engine only effects on Kubernetes can be applied. */
export type Hands = { readonly kube: Kube; readonly engine: EngineHands | undefined; readonly log: Logger };

/** Runs the effects in order and stops at the first failure; every one may have been done before. */
export async function apply(effects: readonly Effect[], hands: Hands): Promise<void> {
  for (const effect of effects) {
    await applyOne(effect, hands);
    hands.log[effect.do === 'renew-lock' ? 'debug' : 'info'](
      { effect: effectId(effect), ...effectDetails(effect) },
      'effect applied',
    );
  }
}

async function applyOne(effect: Effect, hands: Hands): Promise<void> {
  const { kube } = hands;
  switch (effect.do) {
    case 'create-job':
      return createOwned(kube, jobResource, effect.job);
    case 'create-request':
      return createOwned(kube, reindexRequestResource, effect.request);
    case 'delete-job':
      await kube.delete(jobResource, effect.key, effect.uid);
      return;
    case 'delete-request':
      await kube.delete(reindexRequestResource, effect.key, effect.uid);
      return;
    case 'add-finalizer':
    case 'remove-finalizer': {
      const resource = effect.kind === 'IndexedRepo' ? indexedRepoResource : reindexRequestResource;
      await kube.setFinalizers(resource, effect.key, effect.resourceVersion, effect.finalizers);
      return;
    }
    default:
      if (!hands.engine) throw new RetryableError('EngineUnavailable', 'the search engine is needed and not connected');
      return applyToEngine(effect, hands.engine);
  }
}

/** "Already there" is success only if what stands there has the same owner: a name alone proves nothing. */
async function createOwned(kube: Kube, resource: Resource, object: Parameters<Kube['create']>[1]): Promise<void> {
  if ((await kube.create(resource, object)) !== 'exists') return;
  const { namespace, name, ownerReferences } = object.metadata;
  const found = await kube.get(resource, { namespace, name });
  const ours = ownerReferences?.[0]?.uid;
  if (found && !found.metadata.ownerReferences?.some(reference => reference.uid === ours))
    throw new TerminalError('Unexpected', `a ${resource.kind} named ${name} exists and belongs to somebody else`);
}
