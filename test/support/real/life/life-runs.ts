import { setTimeout as sleep } from 'node:timers/promises';
import { reindexRequestResource, type ReindexRequest } from '../../../../src/api/reindex-request.ts';
import { findCondition } from '../../../../src/domain/conditions.ts';
import type { RebuildFate } from '../../objects/a-life-plan.ts';
import { dice } from '../../objects/dice.ts';
import { team, type ControlStage } from '../control-stage.ts';
import type { LivingRepo } from './living-repo.ts';
import { persist } from './persist.ts';
import { fates, specOf, type Steering } from './rebuild-fates.ts';

/** One ReindexRequest that people made, and what may come of it. */
export type LifeRun = {
  readonly name: string;
  readonly repo: string;
  readonly what: RebuildFate | 'rollback';
  /** Reasons that it may end with, by what was done to it and beside it. */
  readonly may: Set<string>;
  isDeleted: boolean;
};

const lookEveryMs = 600;
/** Requests of the beginning queue behind all first builds. */
const patienceMs = 1_200_000;

/** The requests of daily life: made, steered, and looked at again and again. */
export class LifeRuns {
  readonly #stage: ControlStage;
  /** Shortens what people take to decide. */
  readonly #haste: number;
  readonly runs: LifeRun[] = [];
  /** As the API server showed them last. */
  seen: readonly ReindexRequest[] = [];
  readonly #steered: Promise<void>[] = [];
  readonly trouble: string[] = [];
  #isOver = false;
  #looking: Promise<void> | undefined;
  /** Each look is shown to it. */
  onLook: (requests: readonly ReindexRequest[]) => void = () => undefined;

  constructor(stage: ControlStage, haste: number) {
    this.#stage = stage;
    this.#haste = haste;
  }

  start(): void {
    this.#looking ??= this.#look();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async rebuild(repo: LivingRepo, fate: RebuildFate, seed: number): Promise<void> {
    const run = this.#noted(repo, fate, fates[fate].may);
    await this.#make(run, { strategy: 'Rebuild', ...specOf(fate, seed) });
    const steering = this.#steer(run, dice(seed));
    const steered = fates[fate].steer(steering).catch((error: unknown) => {
      this.trouble.push(`${run.name} (${fate}): ${String(error)}`);
    });
    this.#steered.push(steered);
  }

  /** Goes back to a version that is retired now. */
  async rollback(repo: LivingRepo, toVersion: number, warms: boolean): Promise<void> {
    // What is baked or at work is ended by it, and what is retired may be pushed out before its turn comes.
    for (const { name, may } of this.underWay(repo.name)) {
      may.add('Superseded').add('Succeeded').add('IgnoredInStage');
      this.#find(name)?.may.add('VersionNotFound');
    }
    const run = this.#noted(repo, 'rollback', ['Succeeded', 'AlreadyLive', 'VersionNotFound']);
    const rollback = { toVersion, ...(warms && { warmFirst: true }) };
    await this.#make(run, { strategy: 'Rollback', rollback, ...(warms && { warm: { atMost: '5s' } }) });
  }

  /** Somebody deletes it, whatever else was meant with it. */
  async remove(name: string): Promise<void> {
    const run = this.#find(name);
    if (run) run.isDeleted = true;
    const uid = this.at(name)?.metadata.uid ?? '';
    await persist(() => this.#stage.kube.delete(reindexRequestResource, { namespace: team, name }, uid));
  }

  /** Runs that have not ended, as far as was seen; of one repository or of all. */
  underWay(repo?: string): readonly LifeRun[] {
    return this.runs.filter(
      run => !run.isDeleted && this.at(run.name)?.status.finished === undefined && (repo ?? run.repo) === run.repo,
    );
  }

  /**
   * Until now these runs may have met something that lets them end so: those that are not over, and those made since the
   * answer of the call before. Answers how many there are by now.
   */
  excuse(reasons: readonly string[], since = this.runs.length): number {
    const met = [...this.underWay(), ...this.runs.slice(since)];
    for (const { may } of met) for (const reason of reasons) may.add(reason);
    return this.runs.length;
  }

  at(name: string): ReindexRequest | undefined {
    return this.seen.find(({ metadata }) => metadata.name === name);
  }

  /** Resolves when people have done to them all that they meant to. */
  async steered(): Promise<void> {
    await Promise.all(this.#steered);
  }

  #find(name: string): LifeRun | undefined {
    return this.runs.find(run => run.name === name);
  }

  #noted({ name: repo }: LivingRepo, what: LifeRun['what'], may: readonly string[]): LifeRun {
    const run = { name: `${repo}-r${this.runs.length}`, repo, what, may: new Set(may), isDeleted: false };
    this.runs.push(run);
    return run;
  }

  async #make({ name, repo }: LifeRun, spec: object): Promise<void> {
    const made = {
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'ReindexRequest',
      metadata: { name, namespace: team },
      spec: { target: { repoRef: { name: repo } }, ...spec },
    };
    await persist(() => this.#stage.kube.create(reindexRequestResource, made));
  }

  #steer(run: LifeRun, roll: () => number): Steering {
    const key = { namespace: team, name: run.name };
    return {
      thinks: (from, to) => sleep((from + roll() * (to - from)) * 1000 * this.#haste),
      until: async holds => {
        const begunMs = performance.now();
        while (performance.now() - begunMs < patienceMs && !run.isDeleted && !this.#isOver) {
          const found = this.at(run.name);
          if (found?.status.finished !== undefined) return false;
          if (found && holds(found)) return true;
          await sleep(lookEveryMs);
        }
        if (run.isDeleted || this.#isOver) return false;
        throw new Error(`it never came to where it was waited for: ${JSON.stringify(this.at(run.name)?.status)}`);
      },
      set: async spec => {
        if (run.isDeleted) return;
        await persist(() => this.#stage.kube.patch(reindexRequestResource, key, undefined, { spec }));
      },
      remove: () => this.remove(run.name),
    };
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const found = await this.#stage.kube.list<ReindexRequest>(reindexRequestResource, team).catch(() => undefined);
      if (found) {
        // As it was created it has no status yet.
        this.seen = found.map(each => ({ ...each, status: each.status ?? {} }));
        this.onLook(this.seen);
      }
      await sleep(lookEveryMs);
    }
  }
}

/** How a request ended: the reason of its condition Finished; undefined = it has not. */
export function endOf({ status }: ReindexRequest): string | undefined {
  const finished = findCondition(status.conditions, 'Finished');
  return finished?.status === 'True' ? finished.reason : undefined;
}
