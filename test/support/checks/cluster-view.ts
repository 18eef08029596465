import { setTimeout as sleep } from 'node:timers/promises';
import type { BedState } from '../../bed/state.ts';
import { eventually } from './eventually.ts';
import { Kubectl } from '../real/kubectl.ts';

type Condition = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };
export type Viewed = {
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
};

/** How long between two looks: what is timed with it is known to within that. */
const pauseMs = 1000;

/** All SearchClusters and IndexedRepos of a bed, looked at together: many who wait cost no more than one. */
export class ClusterView {
  readonly #kubectl: Kubectl;
  readonly #stop = new AbortController();
  readonly #looking: Promise<void>;
  #objects = new Map<string, Viewed>();
  #failure = '';

  constructor(bed: BedState) {
    this.#kubectl = new Kubectl(bed, 'default');
    this.#looking = this.#look();
  }

  get(kind: string, namespace: string, name: string): Viewed | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`);
  }

  /** Waits until the object, or its absence, is as asked for; answers after how many ms. */
  async until(
    what: string,
    { kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string },
    withinMs: number,
    holds: (object: Viewed | undefined) => boolean,
  ): Promise<number> {
    const begunMs = performance.now();
    await eventually(
      what,
      withinMs,
      () => holds(this.get(kind, namespace, name)),
      async () => {
        const object = this.get(kind, namespace, name);
        return `${this.#failure}${JSON.stringify(object?.status)}\n${await this.#overview(namespace)}`;
      },
    );
    return performance.now() - begunMs;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const text = await this.#kubectl.run(['get', 'scluster,irepo', '--all-namespaces', '-o', 'json']);
        const { items } = JSON.parse(text) as { readonly items: readonly Viewed[] };
        this.#objects = new Map(
          items.map(item => [`${item.kind}/${item.metadata.namespace}/${item.metadata.name}`, item]),
        );
      } catch (error) {
        // The next look may go well; who waits in vain is told.
        this.#failure = `${String(error)}\n`;
      }
      await sleep(pauseMs);
    }
  }

  async #overview(namespace: string): Promise<string> {
    return this.#kubectl.run(['--namespace', namespace, 'get', 'irepo,rreq,scluster,jobs,pods,events', '-o', 'wide']);
  }
}

export function condition(object: Viewed | undefined, type: string): Condition | undefined {
  return object?.status?.conditions?.find(each => each.type === type);
}
