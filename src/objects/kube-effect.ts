import type { Kube } from '../kube/port.ts';
import { effect, type Effect, type Mark } from '../plan/effect.ts';

/** What an effect on an object of Kubernetes works with; undefined for a run that has no object there. */
export type OnKube = { readonly kube: Kube | undefined };

/** Makes the function that makes effects of one kind on objects of Kubernetes. */
export function kubeEffect<Args extends object>(kind: {
  readonly name: string;
  readonly marks?: readonly Mark[];
  readonly target: (args: Args) => string;
  readonly run: (args: Args, kube: Kube) => Promise<void>;
}): (args: Args) => Effect<OnKube> {
  return effect({
    ...kind,
    run: async (args: Args, { kube }: OnKube) => {
      if (!kube) throw new Error(`${kind.name} was decided for a run without an object`);
      return kind.run(args, kube);
    },
  });
}
