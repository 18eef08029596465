import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import type { IndexedVersion } from '../../support/real/an-indexed-version.ts';
import { isVersionBulk, operationsOf, type BulkLines } from '../../support/checks/bulk-lines.ts';
import { dice } from '../../support/objects/dice.ts';
import { isWhole } from '../../support/objects/sampled.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import { forward, type HttpFaultProxy } from '../../support/real/http-fault-proxy.ts';
import { shortenLease } from '../../support/real/shorten-lease.ts';
import { WorkerPhases, type WorkerPhase } from '../../support/real/worker-phases.ts';
import type { WorkerProcess } from '../../support/real/worker-process.ts';

const files = 1500;
const seed = 20;
const kills = isWhole ? 20 : 8;
/** Kills at these shares of the turns strike in these phases, every other one in the middle of the writing. */
const elsewhere: ReadonlyMap<number, WorkerPhase> = new Map([
  [kills / 4, 'taking the lease'],
  [kills / 2, 'fencing'],
  [Math.floor((kills * 5) / 8), 'mending'],
  [Math.floor((kills * 3) / 4), 'planning'],
]);
/** Of all documents: a kill loses what was on its way, and no more. */
const workAtMost = 1.3;

/** Where a kill struck. */
type Strike = { readonly phase: WorkerPhase; readonly progress: number };

/** F2: the worker is killed many times in one run, and another pod goes on each time. */
export const workerKilled: FaultRow<FaultStage> = {
  id: 'F2',
  fault: `worker SIGKILL, ${kills} times in one run`,
  withinMs: 240_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f2', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(files, 'killed', 'lib'));
    const version = await stage.version('f2');
    const observer = served.observed(record);
    const proxy = await stage.proxy();
    const job = { version, repoUrl: served.repository.url, commit, mode: 'full', engineUrl: proxy.url } as const;
    const run = new KilledRun(proxy, version);
    const jobUid = randomUUID();
    const roll = dice(seed);
    const strikes: Strike[] = [];
    for (let turn = 0; turn < kills; turn += 1) {
      record.attempt();
      const startedMs = performance.now();
      const worker = stage.work({ ...job, jobUid });
      // One random place in each part of the run, so that the whole of it is struck.
      const phase = await run.killed(worker, elsewhere.get(turn) ?? 0.06 + ((turn + roll()) * 0.87) / kills);
      record.inject();
      if (turn > 0) record.recovered(run.firstWriteMs - startedMs);
      strikes.push({ phase, progress: await run.progress(stage) });
      await shortenLease(version);
    }
    run.letGo();
    const end = await stage.work({ ...job, jobUid }).ended;
    expect(end).toEqual({ code: 0, signal: null });
    await observer.stop();

    const golden = await stage.version('f2');
    await golden.run(served.repository.path, commit, { input: { repoUrl: served.repository.url, branch: 'main' } });
    const documents = await golden.dump();
    expect(await version.dump()).toEqual(documents);
    expect(await version.record()).toMatchObject({ commit, clean: true, writer: { held: false } });
    expect(await version.settings.runRecord(jobUid)).toMatchObject({ outcome: 'succeeded', attempts: kills + 1 });

    const inTheMiddle = strikes.filter(({ progress }) => progress >= 0.05 && progress <= 0.95);
    const work = run.documentsSent / documents.length;
    const phases = new Set(strikes.map(({ phase }) => phase));
    record.remark(`seed ${seed}, ${inTheMiddle.length} kills between 5 and 95 %, in ${phases.size} phases`);
    record.remark(`${work.toFixed(2)} times the documents written, one run record`);
    expect(inTheMiddle.length).toBeGreaterThanOrEqual(kills * 0.75);
    expect(phases.size).toBeGreaterThanOrEqual(4);
    expect(work).toBeLessThanOrEqual(workAtMost);
  },
};

/** The requests of one run, whichever process sends them. */
class KilledRun {
  readonly #proxy: HttpFaultProxy;
  readonly #index: string;
  /** Index operations that were handed to the engine, repeated ones too. */
  documentsSent = 0;
  /** When the process at hand wrote first, or was struck. */
  firstWriteMs = 0;
  #filesDone = 0;

  constructor(proxy: HttpFaultProxy, { index }: IndexedVersion) {
    this.#proxy = proxy;
    this.#index = index;
  }

  /** Kills the worker as soon as it is in a phase, or has written this share of the files; answers in which phase it was. */
  async killed(worker: WorkerProcess, at: WorkerPhase | number): Promise<WorkerPhase> {
    const phases = new WorkerPhases(this.#index);
    let filesSent = 0;
    this.firstWriteMs = 0;
    const struck = new Promise<WorkerPhase>(resolve => {
      this.#proxy.fate = exchange => {
        const phase = phases.next(exchange);
        const written = isVersionBulk(exchange) ? operationsOf(exchange.body) : [];
        this.#count(written);
        filesSent += written.filter(isFileDocument).length;
        const isFarEnough = typeof at === 'number' && this.#filesDone + filesSent >= at * files;
        const isDue = at === phase || (phase === 'writing' && isFarEnough);
        if (phase === 'writing' || isDue) this.firstWriteMs ||= performance.now();
        if (isDue) {
          worker.signal('SIGKILL');
          this.#proxy.fate = () => ({ is: 'reset' });
          resolve(phase);
        }
        return forward;
      };
    });
    const early = worker.ended.then(({ code }) => {
      throw new Error(`the worker ended with ${code ?? 'a signal'} before ${at}: ${worker.output.slice(-1500)}`);
    });
    const phase = await Promise.race([struck, early]);
    await worker.ended;
    early.catch(() => undefined);
    return phase;
  }

  /** Nobody is killed any more. */
  letGo(): void {
    this.#proxy.fate = exchange => {
      if (isVersionBulk(exchange)) this.#count(operationsOf(exchange.body));
      return forward;
    };
  }

  /** The share of the files that have their document, which is written last. */
  async progress({ engine }: FaultStage): Promise<number> {
    await engine.indices.refresh(this.#index);
    this.#filesDone = await engine.indices.count(this.#index, { term: { doc: 'file' } });
    return this.#filesDone / files;
  }

  #count(written: readonly BulkLines[]): void {
    this.documentsSent += written.filter(({ op }) => op === 'index').length;
  }
}

function isFileDocument({ op, lines }: BulkLines): boolean {
  return op === 'index' && lines[1]?.includes('"doc":"file"') === true;
}
