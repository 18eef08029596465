import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import { bulkOf, isVersionBulk, operationsOf, type BulkLines } from '../../support/checks/bulk-lines.ts';
import { expectGolden } from '../../support/checks/expect-golden.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import { forward, type Exchange, type Fate, type Reply } from '../../support/real/http-fault-proxy.ts';

const tries = 1;

/** F12: bursts of 429 and 503 for whole requests, and bulks of which the engine takes only a part. */
export const engineBusy: FaultRow<FaultStage> = {
  id: 'F12',
  fault: 'engine answers 429 and 503, whole and in parts',
  withinMs: 120_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f12', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(250, 'busy', 'lib'));
    const observer = served.observed(record);
    const proxy = await stage.proxy();
    for (let turn = 0; turn < tries; turn += 1) {
      record.attempt();
      const version = await stage.version('f12');
      const busy = new BusyEngine(turn);
      proxy.fate = exchange => busy.fate(exchange);
      const startedMs = performance.now();
      const job = { version, repoUrl: served.repository.url, commit, mode: 'full', engineUrl: proxy.url } as const;
      const worker = stage.work({ ...job, jobUid: randomUUID() });
      const { code } = await worker.ended;
      expect({ code, said: code === 0 ? '' : worker.output.slice(-1500) }).toEqual({ code: 0, said: '' });
      record.inject(busy.refusedRequests + busy.refusedOperations);
      record.recovered(performance.now() - startedMs);
      record.remark(
        `${busy.refusedRequests} requests and ${busy.refusedOperations} operations refused and taken later`,
      );
      expect(busy.refusedOperations).toBeGreaterThan(20);
      expect(busy.refusedRequests).toBeGreaterThan(10);
      await expectGolden(stage, served, { version, commit });
    }
    await observer.stop();
  },
};

/** Every tenth to twelfth request is refused as a whole; of the bulks in between, every fifth operation, once. */
class BusyEngine {
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
