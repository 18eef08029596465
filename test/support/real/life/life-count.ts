import type { ReindexRequest } from '../../../../src/api/reindex-request.ts';
import { hasCondition } from '../../../../src/domain/conditions.ts';
import { endOf, type LifeRun } from './life-runs.ts';

type Struck = { times: number; longestMs: number };

/** What was done in a life, and what came of it. */
export class LifeCount {
  pushes = 0;
  trees = 0;
  peakMiB = 0;
  /** Kubernetes writes of the operators and writes to the engine while all was at rest; undefined = not listened to. */
  silence: { readonly seconds: number; readonly writes: readonly string[] } | undefined;
  readonly #faults = new Map<string, Struck>();
  /** Where runs stood when a fault struck. */
  readonly #stood = new Map<string, number>();
  readonly #ends = new Map<string, Map<string, number>>();
  rebuilds = 0;
  rollbacks = 0;
  automatic = 0;

  struck(fault: string, requests: readonly ReindexRequest[]): void {
    this.#fault(fault).times += 1;
    for (const request of requests.filter(({ status }) => status.finished === undefined)) {
      const { status } = request;
      const isPaused = hasCondition(status.conditions, 'Paused') && status.gate === undefined;
      const where = isPaused ? 'paused' : (status.phase ?? 'new');
      this.#stood.set(where, (this.#stood.get(where) ?? 0) + 1);
    }
  }

  recovered(fault: string, ms: number): void {
    const struck = this.#fault(fault);
    struck.longestMs = Math.max(struck.longestMs, ms);
  }

  ended({ what, isDeleted }: LifeRun, request: ReindexRequest | undefined): void {
    const kind = what === 'rollback' ? 'Rollback' : 'Rebuild';
    if (kind === 'Rollback') this.rollbacks += 1;
    else this.rebuilds += 1;
    const end = request === undefined && isDeleted ? 'deleted' : ((request && endOf(request)) ?? 'not ended');
    const ends = this.#ends.get(`${kind}: ${what}`) ?? new Map<string, number>();
    ends.set(end, (ends.get(end) ?? 0) + 1);
    this.#ends.set(`${kind}: ${what}`, ends);
  }

  get faults(): number {
    return [...this.#faults.values()].reduce((sum, { times }) => sum + times, 0);
  }

  /** Names of phases, and `paused`, in which a run was when a fault struck. */
  get stood(): readonly string[] {
    return [...this.#stood.keys()];
  }

  /** One table of plain text. */
  table(): string {
    const longest = Math.max(0, ...[...this.#faults.values()].map(({ longestMs }) => longestMs));
    const silence = this.silence && `${this.silence.writes.length} writes in ${this.silence.seconds} s of rest`;
    return [
      `${this.pushes} pushes, ${this.rebuilds} rebuilds, ${this.rollbacks} rollbacks, ${this.automatic} first builds, ${this.faults} faults`,
      `longest recovery ${seconds(longest)}; ${this.trees} trees compared meanwhile; an operator took ${this.peakMiB} MiB at most${silence ? `; ${silence}` : ''}`,
      `runs stood when a fault struck: ${list(this.#stood)}`,
      ...[...this.#ends].toSorted().map(([what, ends]) => `  ${what.padEnd(46)} ${list(ends)}`),
      ...[...this.#faults]
        .toSorted()
        .map(
          ([name, { times, longestMs }]) =>
            `  ${name.padEnd(46)} ${times} times, recovered within ${seconds(longestMs)}`,
        ),
    ].join('\n');
  }

  #fault(name: string): Struck {
    const found = this.#faults.get(name) ?? { times: 0, longestMs: 0 };
    this.#faults.set(name, found);
    return found;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([what, times]) => `${what} ${times}`)
    .join(', ');
}
