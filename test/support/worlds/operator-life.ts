import type { Engine } from '../../../src/engine/port.ts';
import { fencesOn } from '../../../src/fences/fences.ts';
import { assembleOperator, type Operator, type OperatorPorts } from '../../../src/operator/assemble.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import type { FakeKube } from '../fakes/fake-kube.ts';
import {
  aliasesRole,
  documentsRole,
  clusterRole,
  engineRole,
  indicesRole,
  kubeRole,
  viewsRole,
  meddled,
  type Call,
  type Meddle,
} from '../fakes/meddle.ts';
import { plainWorkers } from '../objects/plain-workers.ts';

export type LifeParts = Pick<OperatorPorts, 'clock' | 'log' | 'metrics' | 'resolveRef' | 'own' | 'targetOf'> & {
  readonly kube: FakeKube;
  /** Its own image, which its workers have where none is declared. */
  readonly image: string;
  /** What answers at an endpoint now. */
  readonly engineAt: (endpoint: string) => Engine;
  readonly meddle: Meddle;
  /** Told every event: "Warning LockLost: ...". */
  readonly onEvent: (line: string) => void;
};

/** One process of the operator, from its start to its end or its death. */
export class OperatorLife {
  readonly #parts: LifeParts;
  readonly #operator: Operator;
  readonly #running: Promise<void>;
  #dead = false;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.#operator = assembleOperator(this.#ports(), {
      namespaces: [''],
      allowedGitHosts: [],
      image: parts.image,
      light: {},
      heavy: {},
      workers: plainWorkers,
      aliasLookMs: 60_000,
    });
    this.#operator.watch();
    this.#running = this.#operator.run();
  }

  /** What a scrape of this process answers. */
  async scrape(): Promise<string> {
    return this.#parts.metrics.text({ lease: undefined, ...this.#operator.figures() });
  }

  async stop(): Promise<void> {
    await this.#operator.stop();
    await this.#running;
  }

  /** No call is carried out or answered any more; nothing is waited for. */
  kill(): void {
    this.#dead = true;
    void this.#operator.stop();
  }

  #ports(): OperatorPorts {
    const { kube, clock, log, metrics, resolveRef, targetOf, onEvent } = this.#parts;
    const meddle: Meddle = async (call, carryOut) => this.#alive(call, carryOut);
    return {
      kube: meddled(() => kube, kubeRole, meddle),
      watch: options => ({ ...kube.watch(options), lastActivity: clock.now() }),
      events: { record: async (_about, { type, reason, message }) => onEvent(`${type} ${reason}: ${message}`) },
      connect: ({ settingsIndex, endpoints: [endpoint = ''] }) => {
        const engine = this.#engine(() => this.#parts.engineAt(endpoint), meddle);
        return { engine, settings: settingsOn(engine, settingsIndex), ...fencesOn(engine, clock) };
      },
      resolveRef,
      targetOf,
      allowedAddresses: async () => [],
      clock,
      log,
      metrics,
      learnSecret: () => undefined,
      own: this.#parts.own,
      isLeading: () => !this.#dead,
    };
  }

  #engine(engine: () => Engine, meddle: Meddle): Engine {
    const whole = meddled(engine, engineRole, meddle);
    return {
      indices: meddled(() => engine().indices, indicesRole, meddle),
      aliases: meddled(() => engine().aliases, aliasesRole, meddle),
      documents: meddled(() => engine().documents, documentsRole, meddle),
      views: meddled(() => engine().views, viewsRole, meddle),
      cluster: meddled(() => engine().cluster, clusterRole, meddle),
      info: async () => whole.info(),
      within: leftMs => this.#engine(() => engine().within(leftMs), meddle),
      close: async () => whole.close(),
    };
  }

  async #alive(call: Call, carryOut: () => Promise<unknown>): Promise<unknown> {
    if (this.#dead) return never();
    const answer = await this.#parts.meddle(call, carryOut).catch((error: unknown) => {
      if (!this.#dead) throw error;
    });
    return this.#dead ? never() : answer;
  }
}

async function never(): Promise<never> {
  return new Promise<never>(() => undefined);
}
