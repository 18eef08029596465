import { bulkOf, isVersionBulk, operationsOf, type BulkLines } from '../checks/bulk-lines.ts';
import { forward, type Exchange, type Fate, type Reply } from './http-fault-proxy.ts';

/** Every tenth to twelfth request is refused as a whole; of the bulks in between, every fifth operation, once. */
export class BusyEngine {
  readonly #turn: number;
  readonly #refused = new Set<string>();
  #requests = 0;
  refusedRequests = 0;
  refusedOperations = 0;

  constructor(turn: number) {
    this.#turn = turn;
  }

  fate(exchange: Exchange): Fate {
    this.#requests += 1;
    const place = (this.#requests + this.#turn) % 12;
    if (place >= 9) {
      this.refusedRequests += 1;
      return place === 10 ? refusal(503, 'no_shard_available_action_exception') : refusal(429, tooBusy);
    }
    return isVersionBulk(exchange) ? this.#inPart(exchange) : forward;
  }

  #inPart({ body }: Exchange): Fate {
    const operations = operationsOf(body);
    const isRefused = operations.map(({ id }, at) => (at + this.#turn) % 5 === 2 && !this.#refused.has(id));
    const taken = operations.filter((_, at) => isRefused[at] !== true);
    if (taken.length === operations.length || taken.length === 0) return forward;
    operations.forEach(({ id }, at) => isRefused[at] === true && this.#refused.add(id));
    this.refusedOperations += operations.length - taken.length;
    return { is: 'rewrite', body: bulkOf(taken), reply: reply => withRefusals(reply, operations, isRefused) };
  }
}

const tooBusy = 'es_rejected_execution_exception';

function refusal(status: number, type: string): Fate {
  return { is: 'answer', status, body: { error: { type, reason: 'busy' }, status } };
}

/** The engine's answer with items for what it was not even sent. */
function withRefusals(reply: Reply, operations: readonly BulkLines[], isRefused: readonly boolean[]): Reply {
  const answer = JSON.parse(reply.body.toString('utf8')) as { items: unknown[] };
  const taken = answer.items.values();
  const items = operations.map(({ op, id }, at) => {
    if (isRefused[at] !== true) return taken.next().value;
    const status = at % 2 === 0 ? 429 : 503;
    return { [op]: { _id: id, status, error: { type: tooBusy, reason: 'busy' } } };
  });
  return { ...reply, body: Buffer.from(JSON.stringify({ ...answer, items })) };
}
