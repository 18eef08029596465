import type { SearchCluster } from '../api/search-cluster.ts';
import type { Problem } from '../domain/problem.ts';
import type { Settings } from '../registry/port.ts';
import { doubtOf, judged, type OperatorStanding, type OwnProcess } from './operator-standing.ts';
import { expectedUuid, settingsPlace } from './standing.ts';

export type OperatorWatchParts = {
  readonly own: OwnProcess;
  /** True while the Lease is surely held: another name in the record is that of a successor otherwise. */
  readonly isLeading: () => boolean;
  readonly settleMs: number;
};

/** The operator as a look at an alias sees it. */
export type OperatorSide = {
  /** Uid of the Kubernetes cluster that it works for. */
  readonly operator: string;
  /** Why nothing may be deleted or taken over now; undefined = it may. */
  readonly doubt: Problem | undefined;
};

/**
 * Writes this process down in each settings index that it uses, once, and looks from then on whether it is the only one
 * there. What it finds holds for every SearchCluster of the same engine and settings index.
 */
export class OperatorWatch {
  readonly #parts: OperatorWatchParts;
  readonly #standings = new Map<string, OperatorStanding>();

  constructor(parts: OperatorWatchParts) {
    this.#parts = parts;
  }

  /** Who acts behind this SearchCluster, and whether it may do all that it could. */
  side(cluster: SearchCluster): OperatorSide {
    const { id, process } = this.#parts.own;
    const standing = this.#standings.get(settingsPlace(cluster, expectedUuid(cluster)));
    return { operator: id.operator, doubt: doubtOf(process, standing) };
  }

  get hasTwin(): boolean {
    return [...this.#standings.values()].some(({ is }) => is === 'twin');
  }

  /**
   * `uuid` is that of the engine that answers now, `nowMs` when the look was begun: from when its answer came, the one after
   * the next would come too early by the time that this one took. 'changed' = the objects of this cluster have something
   * else to say.
   */
  async look(
    cluster: SearchCluster,
    { uuid, settings, nowMs }: { readonly uuid: string; readonly settings: Settings; readonly nowMs: number },
  ): Promise<'changed' | 'same'> {
    const { own, isLeading, settleMs } = this.#parts;
    const place = settingsPlace(cluster, uuid);
    const stored = await settings.operatorRecord(own.id);
    if (!isLeading()) return 'same';
    const before = this.#standings.get(place);
    const { standing, write } = judged(own, { found: stored?.source, before, nowMs, settleMs });
    // Somebody else wrote in this moment: what that means is for the next look to say.
    if (write && (await settings.putOperator(write, stored?.stand)) === 'conflict') return 'same';
    this.#standings.set(place, standing);
    return JSON.stringify(twinIn(before)) === JSON.stringify(twinIn(standing)) ? 'same' : 'changed';
  }
}

/** All else is of interest to those that wait for it alone, and they look again soon. */
function twinIn(standing: OperatorStanding | undefined): OperatorStanding | undefined {
  return standing?.is === 'twin' ? standing : undefined;
}
