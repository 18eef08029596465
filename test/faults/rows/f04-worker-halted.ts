import { exitCodes } from '../../../src/api/exit-codes.ts';
import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aServedAlias, someFiles, type ServedAlias } from '../../support/real/a-served-alias.ts';
import type { IndexedVersion } from '../../support/real/an-indexed-version.ts';
import { bulkOf, isVersionBulk, operationsOf } from '../../support/checks/bulk-lines.ts';
import { eventually } from '../../support/checks/eventually.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import type { FaultRecord } from '../../support/checks/fault-table.ts';
import { forward, type Exchange, type Fate } from '../../support/real/http-fault-proxy.ts';
import { aShiftedClock } from '../../support/real/a-shifted-clock.ts';
import { shortenLease } from '../../support/real/shorten-lease.ts';

const fencedRounds = 6;
const openRounds = 2;
const base = someFiles(40, 'base');

/** F4: a worker is halted, its lease runs out, a successor does its work, and then the first one wakes up and goes on. */
export const workerHalted: FaultRow<FaultStage> = {
  id: 'F4',
  fault: 'worker SIGSTOP past its lease, successor, SIGCONT',
  withinMs: 300_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f4', base);
    const observer = served.observed(record);
    const fenced = await stage.version('f4');
    let late = 0;
    for (let round = 0; round < fencedRounds; round += 1) {
      record.attempt();
      const outcome = await play({ stage, record, served, version: fenced, round, isFenced: true });
      expect(outcome).toMatchObject({ stale: 0, missing: 0, code: exitCodes.lockLost });
      expect(outcome.lateOperations).toBeGreaterThan(0);
      late += outcome.lateOperations;
    }
    await observer.stop();
    // The same without the fence: a check that finds nothing here would find nothing anywhere.
    const open = await stage.version('f4');
    let stale = 0;
    for (let round = 0; round < openRounds; round += 1) {
      stale += (await play({ stage, record, served, version: open, round, isFenced: false })).stale;
    }
    record.remark(`${late} late operations, 0 stale documents; ${stale} without the fence in ${openRounds} rounds`);
    expect(stale).toBeGreaterThan(0);
  },
};

type Round = {
  readonly stage: FaultStage;
  readonly record: FaultRecord;
  readonly served: ServedAlias;
  readonly version: IndexedVersion;
  readonly round: number;
  readonly isFenced: boolean;
};

type Outcome = {
  /** Documents of files that the successor's commit does not have. */
  readonly stale: number;
  /** Files of that commit without a file document. */
  readonly missing: number;
  readonly lateOperations: number;
  readonly code: number | null;
};

async function play({ stage, record, served, version, round, isFenced }: Round): Promise<Outcome> {
  const { repository } = served;
  const early = await repository.rewrite({ ...base, ...someFiles(150, 'early', `early-${round}`) });
  const job = { version, repoUrl: repository.url, mode: 'full' } as const;
  const halting = await stage.proxy();
  // Its clock stands still with it, as in a paused virtual machine: it will not find by itself that its time is over.
  const clock = aShiftedClock();
  const first = stage.work({ ...job, commit: early, engineUrl: halting.url, jobUid: randomUUID(), env: clock.env });
  const wire = new HaltingWire(isFenced, 2 + round);
  halting.fate = exchange => wire.fate(exchange);
  await Promise.race([wire.isDue, first.ended.then(() => failed(first.output))]);
  first.signal('SIGSTOP');
  const haltedMs = performance.now();
  record.inject();
  await shortenLease(version);
  const newer = await repository.rewrite({ ...base, ...someFiles(10, 'newer', `newer-${round}`) });
  const successor = stage.work({ ...job, commit: newer, engineUrl: stage.node.url, jobUid: randomUUID() });
  const end = await successor.ended;
  if (end.code !== 0) failed(successor.output);
  const wokenMs = performance.now();
  wire.isLate = true;
  clock.shiftBy(haltedMs - performance.now());
  first.signal('SIGCONT');
  if (isFenced) await first.ended;
  else await eventually('late writes', 15_000, () => wire.lateOperations > 20 || first.hasEnded);
  first.signal('SIGKILL');
  const { code } = await first.ended;
  clock.remove();
  record.recovered(performance.now() - wokenMs);
  return { ...(await comparedWith(newer, served, version)), lateOperations: wire.lateOperations, code };
}

function failed(output: string): never {
  throw new Error(`a worker ended that should not have: ${output.slice(-1500)}`);
}

async function comparedWith(
  commit: string,
  { repository }: ServedAlias,
  version: IndexedVersion,
): Promise<Pick<Outcome, 'stale' | 'missing'>> {
  const tree = new Set((await repository.git('ls-tree', '-r', '--name-only', commit)).split('\n'));
  const documents = await version.dump();
  const files = documents.filter(({ source }) => source['doc'] === 'file').map(({ source }) => source['filePath']);
  return {
    stale: documents.filter(({ source }) => !tree.has(String(source['filePath']))).length,
    missing: [...tree].filter(path => !files.includes(path)).length,
  };
}

/** What lies between the engine and a worker that is halted in the middle of its bulks. */
class HaltingWire {
  readonly #isFenced: boolean;
  readonly #haltAfter: number;
  readonly isDue: Promise<void>;
  #due: () => void = () => undefined;
  #bulks = 0;
  #sawLate: () => void = () => undefined;
  readonly #lateSeen: Promise<void>;
  /** The successor is done: whatever comes now is too late. */
  isLate = false;
  lateOperations = 0;

  constructor(isFenced: boolean, haltAfter: number) {
    this.#isFenced = isFenced;
    this.#haltAfter = haltAfter;
    this.isDue = new Promise(resolve => (this.#due = resolve));
    this.#lateSeen = new Promise(resolve => (this.#sawLate = resolve));
  }

  async fate(exchange: Exchange): Promise<Fate> {
    // The worst case: whoever wakes up does not learn from its own renewal that its time is over.
    if (this.isLate && exchange.path.includes('/_doc/version~')) await this.#lateSeen;
    if (!isVersionBulk(exchange)) return forward;
    this.#bulks += 1;
    if (this.#bulks === this.#haltAfter) this.#due();
    if (this.isLate) this.lateOperations += operationsOf(exchange.body).length;
    if (!this.#isFenced) return withoutFence(exchange);
    if (this.isLate) this.#sawLate();
    return forward;
  }
}

/** As a writer would write that knows neither write aliases nor versions. */
function withoutFence({ path, query, body }: Exchange): Fate {
  const plain = new URLSearchParams(query);
  plain.set('require_alias', 'false');
  const operations = operationsOf(body).map(({ op, id, lines }) => ({
    ...{ op, id },
    lines: [JSON.stringify({ [op]: { _id: id } }), ...lines.slice(1)],
  }));
  return { is: 'rewrite', path: path.replace(/\.W\d+\//, '/'), query: plain, body: bulkOf(operations) };
}
