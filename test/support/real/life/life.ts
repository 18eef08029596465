import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../checks/eventually.ts';
import type { FaultRecord } from '../../checks/fault-table.ts';
import type { LifeAct, LifePlan } from '../../objects/a-life-plan.ts';
import { dice } from '../../objects/dice.ts';
import type { LifeCount } from './life-count.ts';
import { LifeObserver } from './life-observer.ts';
import { LifeRuns } from './life-runs.ts';
import { openWires } from './life-wires.ts';
import { LivingRepo } from './living-repo.ts';
import type { ControlStage } from '../control-stage.ts';
import { Crew } from './crew.ts';
import { persist } from './persist.ts';
import { faultNamed } from './faults.ts';
import type { LifeScene } from './scene.ts';
import { untilAllAtRest } from './life-at-rest.ts';

export type LifeWay = {
  readonly operators: 1 | 2;
  /** Share of the time that people take to decide in the whole form. */
  readonly haste: number;
  /** How long silence is listened to in the end. */
  readonly silenceMs: number;
  readonly ownLogin: boolean;
};

const recoversWithinMs = 240_000;
const firstWithinMs = 300_000;
const restsWithinMs = 180_000;
/** So many serve before the first fault strikes. */
const servedFirst = 8;

/** Plays a plan to its end. What was done and what came of it is in the count, and violations are in the record. */
export async function playLife(
  stage: ControlStage,
  plan: LifePlan,
  way: LifeWay,
  { record, count }: { readonly record: FaultRecord; readonly count: LifeCount },
): Promise<void> {
  const wires = await openWires(stage, way.ownLogin);
  record.atEnd(() => wires.close());
  const env = { ...wires.clock.env, REINDEER_ALIAS_LOOK_SECONDS: '10' };
  const crew = new Crew(stage, { size: way.operators, kubePort: wires.kubeWire.port, env });
  const runs = new LifeRuns(stage, way.haste);
  const secrets = (): readonly string[] => [
    ...[stage.node.password, stage.git.password, stage.git.token],
    ...(wires.login?.passwords ?? []),
  ];
  const observer = new LifeObserver(stage, crew, record, secrets);
  const repos: LivingRepo[] = [];
  const roll = dice(plan.seed + 7);
  const scene = { stage, crew, runs, repos, ...wires, roll, record };
  const life = new Life(scene, observer, plan, count);
  record.atEnd(async () => crew.killAll());
  await wires.begin(plan.heavyRuns);
  await crew.fill();
  runs.onLook = requests => observer.seen(requests);
  runs.start();
  observer.start(repos);
  const stop = async (): Promise<void> => {
    await life.declared;
    await runs.stop();
    await observer.stop();
    count.trees = observer.trees;
    count.peakMiB = observer.peakMiB;
  };
  record.atEnd(stop);
  life.declareAll();
  await life.begin();
  for (const [at, round] of plan.rounds.entries()) await life.round(at, round.fault, round.acts);
  await life.finish(way.silenceMs);
  await stop();
}

/** Whoever declares repositories adds them here. */
type GrowingScene = LifeScene & { readonly repos: LivingRepo[] };

class Life {
  readonly #scene: GrowingScene;
  readonly #observer: LifeObserver;
  readonly #plan: LifePlan;
  readonly #count: LifeCount;
  readonly #rollbacks: Extract<LifeAct, { is: 'rollback' }>[] = [];
  #canary: LivingRepo | undefined;
  declared: Promise<void> = Promise.resolve();

  constructor(scene: GrowingScene, observer: LifeObserver, plan: LifePlan, count: LifeCount) {
    this.#scene = scene;
    this.#observer = observer;
    this.#plan = plan;
    this.#count = count;
  }

  /** One after another: those that come late are built while faults strike. */
  declareAll(): void {
    this.declared = this.#declare().catch((error: unknown) => {
      this.#scene.runs.trouble.push(`declaring: ${String(error)}`);
    });
  }

  async #declare(): Promise<void> {
    const { stage, repos, git } = this.#scene;
    const roll = dice(this.#plan.seed + 3);
    const source = (name: string): object => ({
      url: `${git.url}/private/${name}.git`,
      ref: 'main',
      secretRef: { name: 'git-relayed' },
    });
    const declare = (name: string, files: number, more: object = {}): Promise<LivingRepo> =>
      LivingRepo.declare(stage, name, { files, light: { schedule: '@every 1m' }, source: source(name), ...more });
    this.#canary = await declare('life-canary', 5);
    for (let n = 0; n < this.#plan.repos; n += 1) {
      const name = `life-${String(n).padStart(2, '0')}`;
      const duringReindex = n % 3 === 0 ? 'Continue' : 'Skip';
      const light = { schedule: '@every 1m', duringReindex };
      const files = 5 + Math.floor(roll() * 20);
      repos.push(await persist(() => declare(name, files, { light })));
    }
  }

  async begin(): Promise<void> {
    const enough = Math.min(servedFirst, this.#plan.repos);
    await eventually(
      `${enough} repositories serve`,
      firstWithinMs,
      () => this.#canary && this.#serving().length >= enough && this.#isLive(this.#canary),
      () => ({ trouble: this.#scene.runs.trouble, said: this.#scene.stage.printed().slice(-1500) }),
    );
  }

  /** People act while the fault lasts; it is over when a push to a repository of no other use is served. */
  async round(at: number, name: string | undefined, acts: readonly LifeAct[]): Promise<void> {
    const { runs, record } = this.#scene;
    const acting = (async () => {
      for (const act of acts) {
        await this.#act(act).catch((error: unknown) => void runs.trouble.push(`${act.is}: ${String(error)}`));
        await sleep(150);
      }
    })();
    record.attempt();
    if (name !== undefined) {
      const fault = faultNamed(name);
      this.#count.struck(`${fault.row} ${fault.name}`, runs.seen);
      const before = record.injected;
      await fault.strike(this.#scene).catch((error: unknown) => {
        runs.trouble.push(`round ${at}, ${name}: ${String(error)}`);
      });
      if (record.injected === before) runs.trouble.push(`round ${at}: ${name} was not injected`);
      const ms = await this.#untilPushServed(at);
      record.recovered(ms);
      this.#count.recovered(`${fault.row} ${fault.name}`, ms);
    }
    await acting;
  }

  async #untilPushServed(at: number): Promise<number> {
    const canary = this.#canary;
    if (!canary) return 0;
    const healedMs = performance.now();
    await canary.push('add', at, false);
    await eventually(
      `round ${at}: a push is served`,
      recoversWithinMs,
      async () => {
        // Told again: an annotation may have been answered by an operator that died of it.
        if (this.#isLive(canary)) return true;
        await canary
          .tell(`${canary.head} ${Math.floor((performance.now() - healedMs) / 10_000)}`)
          .catch(() => undefined);
        return false;
      },
      () => ({ repo: this.#observer.repo(canary.name)?.status, said: this.#scene.stage.printed().slice(-2500) }),
    );
    return performance.now() - healedMs;
  }

  async #act(act: LifeAct): Promise<void> {
    const { repos, runs } = this.#scene;
    const serving = this.#serving();
    const repo = serving[act.repo % Math.max(1, serving.length)];
    if (!repo) return;
    if (act.is === 'push') {
      // Also to one that is being built for the first time.
      await (repos[act.repo % repos.length] ?? repo).push(act.how, act.dice, act.isTold);
      this.#count.pushes += 1;
    }
    if (act.is === 'rebuild') await runs.rebuild(repo, act.fate, act.dice);
    if (act.is === 'rollback') this.#rollbacks.push(act);
    await this.#goBack();
  }

  /** As many as may by now: there has to be something to go back to, which no other rollback is about. */
  async #goBack(): Promise<void> {
    const { runs } = this.#scene;
    const may = this.#serving().filter(({ name }) => {
      const goesBack = runs.underWay(name).some(({ what }) => what === 'rollback');
      return !goesBack && (this.#observer.repo(name)?.status?.retired?.length ?? 0) > 0;
    });
    const [act] = this.#rollbacks;
    const repo = act && may[act.repo % Math.max(1, may.length)];
    const number = repo && this.#observer.repo(repo.name)?.status?.retired?.[0]?.number;
    if (!act || !repo || number === undefined) return;
    this.#rollbacks.shift();
    await runs.rollback(repo, number, act.warms);
  }

  async finish(silenceMs: number): Promise<void> {
    await this.declared;
    await eventually('each rollback had its turn', restsWithinMs, async () => {
      await this.#goBack();
      return this.#rollbacks.length === 0;
    });
    await this.#scene.runs.steered();
    const all = [...this.#scene.repos, ...(this.#canary ? [this.#canary] : [])];
    await untilAllAtRest(this.#scene, this.#observer, all, { silenceMs, count: this.#count });
  }

  #serving(): readonly LivingRepo[] {
    return this.#scene.repos.filter(({ name }) => this.#observer.repo(name)?.status?.live !== undefined);
  }

  #isLive({ name, head }: LivingRepo): boolean {
    return this.#observer.repo(name)?.status?.live?.commit === head;
  }
}
