import { indexedRepoResource } from '../../../../src/api/indexed-repo.ts';
import { keys } from '../../../../src/api/meta.ts';
import type { PushKind } from '../../objects/a-life-plan.ts';
import { dice } from '../../objects/dice.ts';
import { declareRepo, type DeclaredRepo } from '../a-declared-repo.ts';
import { someFiles } from '../a-served-alias.ts';
import { team, type ControlStage } from '../control-stage.ts';
import { persist } from './persist.ts';

/** What a repository of daily life is declared with besides. */
export type Declared = { readonly files: number; readonly [field: string]: unknown };

/**
 * A declared repository that people push to. The files of its first commit are never touched again, so that a search finds
 * at least those at every moment.
 */
export class LivingRepo {
  readonly #stage: ControlStage;
  readonly declared: DeclaredRepo;
  /** Files of the first commit, each of which is one chunk or more. */
  readonly base: Readonly<Record<string, string>>;
  /** Files that pushes made, by path. */
  #pushed = new Map<string, string>();
  /** Newest commit of the branch. */
  head: string;
  pushes = 0;
  /** Pushes follow each other, and none comes while the branch is gone. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(stage: ControlStage, declared: DeclaredRepo, base: Readonly<Record<string, string>>) {
    this.#stage = stage;
    this.declared = declared;
    this.base = base;
    this.head = declared.commit;
  }

  static async declare(stage: ControlStage, name: string, spec: Declared): Promise<LivingRepo> {
    return new LivingRepo(stage, await declareRepo(stage, name, spec), someFiles(spec.files, name));
  }

  get name(): string {
    return this.declared.name;
  }

  /** `isTold`: a hook of the Git host asks for a light run at once. */
  async push(how: PushKind, seed: number, isTold: boolean): Promise<string> {
    const commit = await this.alone(() => this.#commit(how, dice(seed)));
    if (isTold) await this.tell(commit);
    return commit;
  }

  /** The annotation asks for a light run; what it says is new for every push. */
  async tell(what: string): Promise<void> {
    const annotations = { [keys.runNow]: what };
    const key = { namespace: team, name: this.name };
    await persist(() => this.#stage.kube.patch(indexedRepoResource, key, undefined, { metadata: { annotations } }));
  }

  /** While this lasts nothing else is done to the branch. */
  async alone<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #commit(how: PushKind, roll: () => number): Promise<string> {
    this.pushes += 1;
    const { repository } = this.declared;
    const before = new Map(this.#pushed);
    const after = how === 'empty' ? before : changed(how, before, `${this.name} ${this.pushes}`, roll);
    this.#pushed = after;
    this.head =
      how === 'force'
        ? await repository.rewrite({ ...this.base, ...Object.fromEntries(after) })
        : await repository.commit(changesBetween(before, after));
    return this.head;
  }
}

/** The pushed files after one more push. */
function changed(
  how: PushKind,
  before: ReadonlyMap<string, string>,
  seed: string,
  roll: () => number,
): Map<string, string> {
  const after = new Map(before);
  const paths = [...before.keys()];
  const some = paths.filter(() => roll() < 0.4);
  const fresh = Object.entries(someFiles(1 + Math.floor(roll() * 4), seed, `pushed/${Math.floor(roll() * 1e6)}`));
  const isAdding = how === 'add' || how === 'force' || some.length === 0;
  if (isAdding) for (const [path, text] of fresh) after.set(path, text);
  for (const path of some) {
    const text = before.get(path) ?? '';
    if (how === 'remove' || how === 'move' || how === 'force') after.delete(path);
    if (how === 'move') after.set(`moved/${seed.replace(' ', '-')}/${path}`, text);
    if (how === 'change') after.set(path, `${text}// ${seed}\n`);
  }
  // Repositories of daily life stay small.
  for (const path of [...after.keys()].slice(0, Math.max(0, after.size - 12))) after.delete(path);
  return after;
}

function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Readonly<Record<string, string | null>> {
  const gone = [...before.keys()].filter(path => !after.has(path)).map(path => [path, null] as const);
  const now = [...after].filter(([path, text]) => before.get(path) !== text);
  return Object.fromEntries([...gone, ...now]);
}
