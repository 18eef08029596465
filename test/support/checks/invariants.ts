import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '../../../src/domain/errors.ts';
import type { Engine } from '../../../src/engine/port.ts';
import type { Settings } from '../../../src/registry/port.ts';
import type { FaultRecord } from './fault-table.ts';

/** What must hold of one alias at every moment, whatever fault is going on (docs/faults.md lists the invariants). */
export type Watched = {
  /** Past every proxy: the observer is not what the fault is done to. */
  readonly engine: Engine;
  readonly settings: Settings;
  readonly alias: string;
  /** I1: documents that a search through the alias finds at least; asked anew for every sample. */
  readonly committed: () => number;
  /** I4: an index of somebody else that is called like one of ours, with this many documents. */
  readonly foreign: { readonly index: string; readonly documents: number };
  /** I10: so many versions of the alias at most. */
  readonly versionsAtMost: number;
  readonly record: FaultRecord;
};

/** Looks at the invariants again and again until it is stopped. */
export type Observer = {
  /** Runs one more sample to its end. Throws when the engine does not answer. */
  stop(): Promise<void>;
};

const everyMs = 100;

/**
 * Samples I1, I4, I5, I6 and I10 of an alias into the record of a row. While the engine is away nothing can be seen, so
 * nothing is counted; the last sample, in `stop`, needs it back.
 */
export function observe(watched: Watched): Observer {
  const sampler = new Sampler(watched);
  let isStopped = false;
  const watching = (async () => {
    while (!isStopped) {
      await sampler.sample().catch((error: unknown) => {
        // An engine that is killed, halted or starting answers nothing, 503 or 429.
        if (!(error instanceof RetryableError)) watched.record.sampled([`the observer failed: ${String(error)}`]);
      });
      await sleep(everyMs);
    }
  })();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    isStopped = true;
    return (stopping ??= watching.then(async () => sampler.sample()));
  };
  watched.record.atEnd(stop);
  return { stop };
}

/** One look after another at one alias. */
export class Sampler {
  readonly #watched: Watched;
  readonly #highest = new Map<string, number>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Rejects with RetryableError while the engine is away, and has counted nothing then. */
  async sample(): Promise<void> {
    const { record } = this.#watched;
    const violations = [
      ...(await this.#servesOne()),
      ...(await this.#leavesOthersAlone()),
      ...(await this.#tokensGrow()),
      ...(await this.#staysSmall()),
    ];
    record.sampled(violations);
  }

  /** I1 and I5: exactly one index behind the alias, and every committed document in what it answers. */
  async #servesOne(): Promise<readonly string[]> {
    const { engine, alias, committed } = this.#watched;
    const atLeast = committed();
    const members = await engine.aliases.members(alias);
    const found = await engine.documents.search(alias, { size: 0, track_total_hits: true });
    if (found.failedShards > 0) return [];
    const { total } = found;
    return [
      ...(members.length === 1 ? [] : [`I1: ${alias} stands before ${members.length} indices`]),
      ...(total >= atLeast ? [] : [`I1: a search found ${total} of ${atLeast} documents`]),
    ];
  }

  /** I4: what does not carry our owner is as it was. */
  async #leavesOthersAlone(): Promise<readonly string[]> {
    const { engine, foreign } = this.#watched;
    const [found] = await engine.indices.describe(foreign.index);
    if (found === undefined) return [`I4: ${foreign.index} is gone`];
    const documents = await engine.indices.count(foreign.index);
    return documents === foreign.documents ? [] : [`I4: ${foreign.index} has ${documents} documents`];
  }

  /** I6: neither the counter nor the token of a writer or of the lock ever falls. */
  async #tokensGrow(): Promise<readonly string[]> {
    const { settings, alias } = this.#watched;
    const [counter, lock, versions] = await Promise.all([
      settings.aliasRecord(alias),
      settings.lockRecord(alias),
      settings.versionRecords(alias),
    ]);
    const tokens: readonly (readonly [string, number | undefined])[] = [
      ['the counter', counter?.source.tokenCounter],
      ['the lock', lock?.source.lease.token],
      ...versions.map(({ index, writer }) => [`the writer of ${index}`, writer.token] as const),
    ];
    return tokens.flatMap(([what, token = 0]) => {
      const highest = this.#highest.get(what) ?? 0;
      this.#highest.set(what, Math.max(highest, token));
      return token < highest ? [`I6: the token of ${what} fell from ${highest} to ${token}`] : [];
    });
  }

  /** I10: no index after another. */
  async #staysSmall(): Promise<readonly string[]> {
    const { engine, alias, foreign, versionsAtMost } = this.#watched;
    const versions = (await engine.indices.describe(`${alias}-v*`)).filter(({ name }) => name !== foreign.index);
    return versions.length <= versionsAtMost ? [] : [`I10: there are ${versions.length} versions of ${alias}`];
  }
}
