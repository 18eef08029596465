import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource, type IndexedRepo } from '../../../../src/api/indexed-repo.ts';
import type { ReindexRequest } from '../../../../src/api/reindex-request.ts';
import { RetryableError } from '../../../../src/domain/errors.ts';
import { jobResource } from '../../../../src/work/kube-jobs.ts';
import type { FaultRecord } from '../../checks/fault-table.ts';
import { Sampler } from '../../checks/invariants.ts';
import { generationProblems } from '../../checks/object-invariants.ts';
import { servedProblems } from '../../checks/served-tree.ts';
import { team, type ControlStage } from '../control-stage.ts';
import type { Crew } from './crew.ts';
import type { LivingRepo } from './living-repo.ts';

/** Of one alias: live, retired, candidate, and what an aborted run left in an engine that was away. */
const versionsAtMost = 4;
/** I10: finished Jobs are kept for a while. */
const jobsPerRepo = 8;
/** What the chart lets it take. */
const operatorMiBAtMost = 512;
const pauseMs = 80;
const lookEveryMs = 1000;
const foreignDocuments = 3;

/**
 * Looks at I1 to I8 and I10 of many repositories, one after another and again and again, those that a run is at work for
 * more often than others. What is away is not seen, so nothing is counted.
 */
export class LifeObserver {
  readonly #stage: ControlStage;
  readonly #crew: Crew;
  readonly #record: FaultRecord;
  readonly #isSecret: (printed: string) => boolean;
  readonly #served = new Map<string, { readonly repo: LivingRepo; readonly sampler: Sampler }>();
  readonly #generations = new Map<string, number>();
  readonly #busy = new Set<string>();
  /** As the API server showed them last. */
  repos: readonly IndexedRepo[] = [];
  /** Trees that were compared while life went on. */
  trees = 0;
  peakMiB = 0;
  #isOver = false;
  #looking: Promise<unknown> | undefined;

  constructor(stage: ControlStage, crew: Crew, record: FaultRecord, secrets: () => readonly string[]) {
    this.#stage = stage;
    this.#crew = crew;
    this.#record = record;
    this.#isSecret = printed => secrets().some(secret => secret !== '' && printed.includes(secret));
  }

  start(repos: readonly LivingRepo[]): void {
    this.#looking ??= Promise.all([this.#sampleInTurn(), this.#lookAtObjects(repos), this.#listen()]);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
    this.#record.sampled(this.#spoken());
  }

  repo(name: string): IndexedRepo | undefined {
    return this.repos.find(({ metadata }) => metadata.name === name);
  }

  /** For each list of requests. */
  seen(requests: readonly ReindexRequest[]): void {
    this.#record.sampled(requests.flatMap(request => generationProblems(request, this.#generations)));
    this.#busy.clear();
    for (const { spec, status } of requests)
      if (status.finished === undefined) this.#busy.add(spec.target.repoRef?.name ?? '');
  }

  async #sampleInTurn(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const all = [...this.#served.values()];
      const busy = all.filter(({ repo }) => this.#busy.has(repo.name));
      const group = turn % 2 === 0 && busy.length > 0 ? busy : all;
      const next = group[Math.floor(turn / 2) % Math.max(1, group.length)];
      if (next) await this.#sample(next, turn).catch((error: unknown) => this.#failed(error));
      await sleep(pauseMs);
    }
  }

  async #sample({ repo, sampler }: { repo: LivingRepo; sampler: Sampler }, turn: number): Promise<void> {
    await sampler.sample();
    if (turn % 10 !== 0) return;
    const problems = await servedProblems(this.#stage, repo.name, repo.declared.repository);
    if (!problems) return;
    this.trees += 1;
    this.#record.sampled(problems);
  }

  #failed(error: unknown): void {
    // An engine that is killed, halted or starting answers nothing, 503 or 429.
    if (!(error instanceof RetryableError)) this.#record.sampled([`the observer failed: ${String(error)}`]);
  }

  async #lookAtObjects(living: readonly LivingRepo[]): Promise<void> {
    const { kube } = this.#stage;
    while (!this.#isOver) {
      const repos = await kube.list<IndexedRepo>(indexedRepoResource, team).catch(() => undefined);
      const jobs = await kube.list(jobResource, team).catch(() => undefined);
      if (repos && jobs) {
        this.repos = repos;
        const most = jobsPerRepo * Math.max(5, living.length);
        this.#record.sampled([
          ...repos.flatMap(repo => generationProblems(repo, this.#generations)),
          ...(this.#isSecret(JSON.stringify([repos, jobs])) ? ['I8: a password stands in an object'] : []),
          ...(jobs.length <= most ? [] : [`I10: there are ${jobs.length} Jobs`]),
        ]);
        for (const repo of living) if (this.repo(repo.name)?.status?.live) this.#watch(repo);
      }
      await sleep(lookEveryMs);
    }
  }

  #watch(repo: LivingRepo): void {
    if (this.#served.has(repo.name)) return;
    const { engine, settings } = this.#stage;
    const { name: alias, base } = repo;
    const foreign = { index: `${alias}-v99`, documents: foreignDocuments };
    const committed = (): number => Object.keys(base).length;
    const watched = { engine, settings, alias, committed, foreign, versionsAtMost, record: this.#record };
    this.#served.set(alias, { repo, sampler: new Sampler(watched) });
  }

  /** What programs print grows all the time, and is searched as a whole. */
  async #listen(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      for (const { pid, hasEnded } of this.#crew.members)
        if (!hasEnded) this.peakMiB = Math.max(this.peakMiB, mibOf(pid));
      if (turn % 20 === 19) this.#record.sampled(this.#spoken());
      await sleep(1000);
    }
  }

  #spoken(): readonly string[] {
    const { jobs } = this.#stage;
    return [
      ...(this.#isSecret(this.#stage.printed()) || this.#isSecret(jobs.output) ? ['I8: a password was printed'] : []),
      ...(this.peakMiB <= operatorMiBAtMost ? [] : [`I10: an operator takes ${this.peakMiB} MiB`]),
    ];
  }
}

/** Resident memory by the kernel; 0 = it is gone. */
function mibOf(pid: number): number {
  try {
    const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return 0;
  }
}
