import { isVersionBulk, operationsOf } from '../checks/bulk-lines.ts';
import type { Exchange } from './http-fault-proxy.ts';

/** Where a run of the worker is, as its requests to the engine tell. */
export type WorkerPhase =
  'starting' | 'taking the lease' | 'fencing' | 'mending' | 'planning' | 'writing' | 'verifying';

/** Follows one process of the worker from outside. */
export class WorkerPhases {
  readonly #index: string;
  readonly seen = new Set<WorkerPhase>();
  #phase: WorkerPhase = 'starting';
  #searches = 0;

  constructor(index: string) {
    this.#index = index;
  }

  /** The phase that this request belongs to. */
  next(exchange: Exchange): WorkerPhase {
    this.#phase = this.#phaseOf(exchange);
    this.seen.add(this.#phase);
    return this.#phase;
  }

  #phaseOf(exchange: Exchange): WorkerPhase {
    const { method, path } = exchange;
    // The token is drawn from the record of the alias.
    if (method === 'PUT' && path.includes('/_doc/alias~')) return 'taking the lease';
    if (path === '/_aliases' || path.includes('/_block/') || path === `/${this.#index}/_settings`) return 'fencing';
    if (path === `/${this.#index}/_count`) return 'verifying';
    // Deletes before any document are those of the mending.
    if (isVersionBulk(exchange))
      return operationsOf(exchange.body).some(each => each.op === 'index') ? 'writing' : this.#phase;
    if (path !== `/${this.#index}/_search` || this.#phase === 'verifying') return this.#phase;
    this.#searches += 1;
    // A version that was left unclean is read twice: its files and its chunks to be mended, then its files to be compared.
    return this.#searches <= 2 ? 'mending' : 'planning';
  }
}
