import { eventually } from '../../checks/eventually.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { ControlStage } from '../control-stage.ts';
import type { OperatorProcess } from '../operator-process.ts';

type Lease = KubeObject & { readonly spec?: { readonly holderIdentity?: string | null } };
const leaseResource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' } as const;
const lease = { namespace: 'reindeer-system', name: 'reindeer' };

export type CrewGiven = {
  readonly size: 1 | 2;
  /** Of the relay to the API server; undefined = that of the stage. */
  readonly kubePort?: number;
  readonly env?: Readonly<Record<string, string>>;
};

const takeOverMs = 90_000;
const keepsEveryMs = 1_000;

/** The operators of a stage, of which one leads: whoever is gone is followed by another one. */
export class Crew {
  readonly #stage: ControlStage;
  readonly #given: CrewGiven;
  readonly #members = new Map<string, OperatorProcess>();
  #count = 0;
  /** Until they are started again: those that end are followed by others as long as it is false. */
  #isAway = true;
  #filling: Promise<void> = Promise.resolve();
  #keeping: NodeJS.Timeout | undefined;

  constructor(stage: ControlStage, given: CrewGiven) {
    this.#stage = stage;
    this.#given = given;
  }

  get members(): readonly OperatorProcess[] {
    return [...this.#members.values()];
  }

  get isPair(): boolean {
    return this.#given.size > 1;
  }

  /** As many as there are to be; from now on one that ends by itself is followed by another, as in a pod. */
  async fill(): Promise<void> {
    this.#isAway = false;
    this.#keeping ??= setInterval(() => {
      const alive = this.members.filter(({ hasEnded }) => !hasEnded).length;
      if (!this.#isAway && alive < this.#given.size) void this.#fill().catch(() => undefined);
    }, keepsEveryMs);
    await this.#fill();
  }

  async #fill(): Promise<void> {
    const filled = this.#filling.then(() => this.#fillUp());
    this.#filling = filled.catch(() => undefined);
    await filled;
  }

  async #fillUp(): Promise<void> {
    const { size, kubePort, env } = this.#given;
    for (const [name, each] of this.#members) if (each.hasEnded) this.#members.delete(name);
    while (this.#members.size < size && !this.#isAway) {
      const name = `replica-${(this.#count += 1)}`;
      const election = { POD_NAME: name, REINDEER_LEADER_ELECTION: String(size > 1) };
      const started = await this.#stage.start({
        ...(kubePort !== undefined && { kubePort }),
        env: { ...election, ...env },
      });
      this.#members.set(name, started);
    }
  }

  /** SIGKILL; the next one leads when its Lease has run out, or at once where there is none. */
  async killLeader(): Promise<void> {
    await (await this.#leader()).operator.kill();
    await this.fill();
  }

  /** Halts the leader until another one has taken over; the old one finds that out when it goes on, and ends. */
  async haltLeader(): Promise<void> {
    const { name, operator } = await this.#leader();
    operator.signal('SIGSTOP');
    try {
      await eventually('another operator leads', takeOverMs, async () => {
        const holder = await this.#holder();
        return holder !== undefined && holder !== name;
      });
    } finally {
      operator.signal('SIGCONT');
    }
    await eventually('the former leader has ended', 30_000, () => operator.hasEnded);
    await this.fill();
  }

  /** None is started any more before they are filled again. */
  async killAll(): Promise<void> {
    this.#isAway = true;
    clearInterval(this.#keeping);
    this.#keeping = undefined;
    await this.#filling;
    for (const each of this.members) await each.kill();
  }

  async #leader(): Promise<{ readonly name: string; readonly operator: OperatorProcess }> {
    return eventually('an operator leads', takeOverMs, async () => {
      const entries = [...this.#members].filter(([, { hasEnded }]) => !hasEnded);
      const holder = this.isPair ? await this.#holder() : entries[0]?.[0];
      const found = entries.find(([name]) => name === holder);
      return found && { name: found[0], operator: found[1] };
    });
  }

  /** Name of the pod that holds the Lease. */
  async #holder(): Promise<string | undefined> {
    const found = await this.#stage.kube.get<Lease>(leaseResource, lease).catch(() => undefined);
    // "{namespace}/{installation}/{pod}_{random}"
    return /([^/]+)_[^_]*$/.exec(found?.spec?.holderIdentity ?? '')?.[1];
  }
}
