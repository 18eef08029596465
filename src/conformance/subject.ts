import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../domain/json.ts';
import type { VersionRecord } from '../domain/records.ts';
import type { Engine, Hit } from '../engine/port.ts';
import type { Settings } from '../registry/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { workerResult, type WorkerResult } from '../work/contract.ts';
import type { Ended, Launch, Program, Running } from './program.ts';
import { saidIn, type Contract } from './said.ts';
import type { SampleCommit } from './sample-repository.ts';

/** What the program under test did is not what the contract says; the message tells both. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Mismatch(otherwise);
}

type SubjectParts = {
  readonly alias: string;
  readonly index: string;
  /** Of every index of these cases. */
  readonly prefix: string;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly program: Program;
  readonly contract: Contract;
  readonly launch: Omit<Launch, 'env'>;
  readonly env: Readonly<Record<string, string>>;
};

const pollMs = 25;

/** One version that the program under test writes, and what can be seen of it from outside. */
export class Subject {
  readonly #parts: SubjectParts;

  constructor(parts: SubjectParts) {
    this.#parts = parts;
  }

  get alias(): string {
    return this.#parts.alias;
  }

  get index(): string {
    return this.#parts.index;
  }

  get settings(): Settings {
    return this.#parts.settings;
  }

  get engine(): Engine {
    return this.#parts.engine;
  }

  /** Starts the program for one run; what is not named is as the operator sets it. */
  async start(changes: Readonly<Record<string, string>>): Promise<Running> {
    const { program, contract, launch, env } = this.#parts;
    const full = { REINDEER_MODE: 'full', REINDEER_JOB_UID: randomUUID(), REINDEER_REQUEST_UID: 'conformance' };
    return program({ ...launch, env: saidIn(contract, { ...env, ...full, ...changes }) });
  }

  async run(changes: Readonly<Record<string, string>>): Promise<Ended> {
    return (await this.start(changes)).ended;
  }

  /** Runs it to this commit and expects that it ends well. */
  async runWell(mode: 'full' | 'incremental', { commit }: SampleCommit): Promise<Ended> {
    const ended = await this.run({ REINDEER_MODE: mode, REINDEER_COMMIT: commit });
    expectExit(ended, 0);
    return ended;
  }

  async record(): Promise<VersionRecord> {
    const found = await this.settings.versionRecord(this.index);
    if (found === undefined) throw new Mismatch(`the record of ${this.index} is gone`);
    return found.source;
  }

  /** Waits until it holds the writer lease and the first documents are there. Mismatch when it ends before. */
  async untilWriting(running: Running): Promise<void> {
    let ended: Ended | undefined;
    void running.ended.then(
      how => (ended = how),
      () => undefined,
    );
    for (;;) {
      const { writer } = await this.record();
      if (writer.held && (await this.count()) > 0) return;
      if (ended !== undefined) throw new Mismatch(`it ended before it could be interrupted: ${howItEnded(ended)}`);
      await this.#parts.clock.sleep(pollMs);
    }
  }

  async count(query?: JsonObject): Promise<number> {
    await this.engine.indices.refresh(this.index);
    return this.engine.indices.count(this.index, query);
  }

  /** The sequence number of the last operation that reached the version; -1 = none did. */
  async lastOperation(): Promise<number> {
    await this.engine.indices.refresh(this.index);
    const { hits } = await this.engine.documents.search(this.index, { size: 1, sort: [{ _seq_no: 'desc' }] });
    return Number(hits[0]?.sort?.[0] ?? -1);
  }

  /** Every document, for versions of a few. */
  async documents(query: JsonObject = { match_all: {} }): Promise<readonly Hit[]> {
    await this.engine.indices.refresh(this.index);
    return (await this.engine.documents.search(this.index, { size: 1000, query })).hits;
  }

  /** The version must hold this commit and say so: record, counts, every path with its content, and nothing else. */
  async expectHolds({ commit, files }: SampleCommit): Promise<void> {
    const record = await this.record();
    expectThat(record.commit === commit, `the record says commit ${record.commit ?? 'none'}, expected ${commit}`);
    expectThat(record.clean, 'the record is not marked clean after a run that ended well');
    expectThat(!record.writer.held, 'the writer lease was not released');
    const [fileCount, chunkCount] = [
      await this.count({ term: { doc: 'file' } }),
      await this.count({ term: { doc: 'chunk' } }),
    ];
    expectThat(record.files === fileCount, `the record counts ${record.files} files, the index holds ${fileCount}`);
    expectThat(
      record.chunks === chunkCount,
      `the record counts ${record.chunks} chunks, the index holds ${chunkCount}`,
    );
    await this.#expectPaths(files);
  }

  async #expectPaths(files: ReadonlyMap<string, string>): Promise<void> {
    const byPath = new Map<string, string>();
    for (const { source } of await this.documents({ term: { doc: 'chunk' } })) {
      const path = String(source['filePath']);
      byPath.set(path, `${byPath.get(path) ?? ''}${JSON.stringify(source)}`);
    }
    for (const [path, word] of files) {
      expectThat(byPath.has(path), `no chunk of ${path} was found`);
      expectThat(
        byPath.get(path)?.includes(word) === true,
        `the chunks of ${path} do not hold its content ("${word}")`,
      );
    }
    const surplus = [...byPath.keys()].filter(path => !files.has(path));
    expectThat(surplus.length === 0, `chunks of files that the commit does not have: ${surplus.join(', ')}`);
  }
}

export function expectExit(ended: Ended, code: number): void {
  expectThat(ended.exitCode === code, `${howItEnded(ended)}, expected exit code ${code}`);
}

function howItEnded({ exitCode, output }: Ended): string {
  const how = exitCode === undefined ? 'killed by a signal, or it did not end in time' : `exit code ${exitCode}`;
  return output === '' ? how : `${how} (last line: ${output.split('\n').at(-1)?.slice(0, 300) ?? ''})`;
}

/** The termination message of a run. Mismatch when it is not what the contract says. */
export function messageOf({ message }: Ended): WorkerResult {
  expectThat(message !== '', 'it left no termination message');
  try {
    return workerResult.parse(JSON.parse(message));
  } catch (error) {
    throw new Mismatch(`the termination message is not as the contract says: ${String(error).slice(0, 300)}`);
  }
}
