// A process of its own that asks an alias the same questions at a constant rate, and says at its end what it was
// answered: `node query-load.ts CONFIG.json`. Ends on SIGTERM, or by itself after `maxSeconds`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../src/domain/json.ts';
import { connect } from '../../../src/engine/connect.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { accessTo } from './bed-engine.ts';

export type LoadConfig = {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly caFile: string;
  readonly alias: string;
  readonly queries: readonly JsonObject[];
  readonly perSecond: number;
  readonly maxSeconds: number;
};

export type LoadReport = {
  readonly answers: number;
  readonly failed: number;
  readonly errors: readonly string[];
  readonly seconds: number;
  /** Of each answer: when it was asked for, in ms since 1970, and how many ms it took. */
  readonly times: readonly (readonly [number, number])[];
  /** Per query: how often each answer came, by `answerOf` of its ids. */
  readonly byQuery: readonly Readonly<Record<string, number>>[];
};

/** One short text for a set of documents, whatever order they came in. */
export function answerOf(ids: readonly string[]): string {
  return createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('hex')
    .slice(0, 16);
}

/** The ids that a query finds now; throws when a shard failed or not everything fits into one page. */
export async function ask(engine: Engine, target: string, query: JsonObject): Promise<readonly string[]> {
  const reply = await engine.documents.search(target, { query, size: 1000, _source: false, track_total_hits: true });
  if (reply.failedShards > 0) throw new Error(`${reply.failedShards} shards failed`);
  if (reply.total !== reply.hits.length) throw new Error(`${reply.total} hits, ${reply.hits.length} in the page`);
  return reply.hits.map(hit => hit.id);
}

async function load(config: LoadConfig, stopped: AbortSignal): Promise<LoadReport> {
  const engine = connect({
    ...accessTo(config),
    clock: systemClock,
  });
  const byQuery: Record<string, number>[] = config.queries.map(() => ({}));
  const errors: string[] = [];
  const times: [number, number][] = [];
  let answers = 0;
  let failed = 0;
  const one = async (number: number): Promise<void> => {
    const at = number % config.queries.length;
    const [sentMs, sentAt] = [Date.now(), performance.now()];
    try {
      const answer = answerOf(await ask(engine, config.alias, config.queries[at]!));
      const counts = byQuery[at]!;
      counts[answer] = (counts[answer] ?? 0) + 1;
      times.push([sentMs, performance.now() - sentAt]);
      answers += 1;
    } catch (error) {
      failed += 1;
      if (errors.length < 20) errors.push(String(error));
    }
  };
  const begun = performance.now();
  const running = new Set<Promise<void>>();
  for (let number = 0; !stopped.aborted && performance.now() - begun < config.maxSeconds * 1000; number += 1) {
    const asked = one(number).finally(() => running.delete(asked));
    running.add(asked);
    const dueMs = ((number + 1) * 1000) / config.perSecond - (performance.now() - begun);
    if (dueMs > 0) await systemClock.sleep(dueMs, stopped);
  }
  await Promise.all(running);
  await engine.close();
  return { answers, failed, errors, seconds: (performance.now() - begun) / 1000, times, byQuery };
}

if (process.argv[1]?.endsWith('query-load.ts')) {
  const stopped = new AbortController();
  process.once('SIGTERM', () => stopped.abort());
  const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoadConfig;
  process.stdout.write('asking\n');
  process.stdout.write(`${JSON.stringify(await load(config, stopped.signal))}\n`);
}
