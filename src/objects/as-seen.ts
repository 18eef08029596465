import type { ObjectMeta, Resource } from '../api/object.ts';
import { ConflictError } from '../domain/errors.ts';
import type { Kube } from '../kube/port.ts';
import type { Effect } from '../plan/effect.ts';

/** An object as the watch brought it, on which something was decided. */
export type Seen = { readonly resource: Resource; readonly object: { readonly metadata: ObjectMeta } };

/**
 * The same effects, of which those that delete a version first ask whether the objects that they were decided on are the
 * newest: what a watch brings may be old, and a version does not come back. Where one is another object by now, or asks for
 * something else, ConflictError is thrown: it is decided again once the watch has brought that.
 */
export function onlyAsSeen<Hands>(
  effects: readonly Effect<Hands>[],
  kube: Pick<Kube, 'get'>,
  seen: readonly Seen[],
): readonly Effect<Hands>[] {
  return effects.map(effect => {
    if (!effect.marks.includes('deletes-version')) return effect;
    const run = async (hands: Hands): Promise<void> => {
      await Promise.all(seen.map(async each => requireNewest(kube, each)));
      await effect.run(hands);
    };
    return { ...effect, run };
  });
}

/** By the generation, which no status and no label changes: whoever writes those all the time keeps nothing from being deleted. */
async function requireNewest(kube: Pick<Kube, 'get'>, { resource, object }: Seen): Promise<void> {
  const { namespace, name, uid, generation } = object.metadata;
  const found = await kube.get(resource, { namespace, name });
  if (found?.metadata.uid === uid && found.metadata.generation === generation) return;
  throw new ConflictError(`${resource.kind} ${namespace}/${name} is not what the watch has brought`);
}
