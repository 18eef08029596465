import { dice } from './dice.ts';

/** What daily life does to many repositories, round by round; one fault strikes in each round. All by one seed. */
export type LifePlan = {
  readonly seed: number;
  readonly repos: number;
  /** Heavy runs at once. */
  readonly heavyRuns: number;
  readonly rounds: readonly LifeRound[];
};

export type LifeRound = {
  /** Name of the fault; undefined = nothing strikes. */
  readonly fault: string | undefined;
  readonly acts: readonly LifeAct[];
};

export type LifeAct =
  | {
      readonly is: 'push';
      readonly repo: number;
      readonly how: PushKind;
      readonly isTold: boolean;
      readonly dice: number;
    }
  | { readonly is: 'rebuild'; readonly repo: number; readonly fate: RebuildFate; readonly dice: number }
  | { readonly is: 'rollback'; readonly repo: number; readonly warms: boolean };

/** What a push does to the tree of its branch. */
export const pushKinds = ['add', 'change', 'remove', 'move', 'force', 'empty'] as const;
export type PushKind = (typeof pushKinds)[number];

/** What people do to a rebuild. */
export const rebuildFates = [
  'nothing',
  'gate approved',
  'gate aborted',
  'request deleted at the gate',
  'baked',
  'aborted in the bake',
  'request deleted in the bake',
  'gate after the bake approved',
  'aborted at the gate after the bake',
  'paused',
  'paused in the bake',
  'aborted',
  'request deleted',
] as const;
export type RebuildFate = (typeof rebuildFates)[number];

export type LifeSize = {
  readonly repos: number;
  readonly heavyRuns: number;
  readonly pushes: number;
  readonly rebuilds: number;
  readonly rollbacks: number;
  /** Each as often as it strikes. */
  readonly faults: readonly string[];
  /** Absent: all, in turn. */
  readonly fates?: readonly RebuildFate[];
};

/** Pushes and rebuilds are spread over all rounds, rollbacks over the later ones: at first there is nothing to go back to. */
export function aLifePlan(seed: number, size: LifeSize): LifePlan {
  const { repos, heavyRuns, pushes, rebuilds, rollbacks, faults, fates: among = rebuildFates } = size;
  const roll = dice(seed);
  const below = (bound: number): number => Math.floor(roll() * bound);
  const order = shuffled(faults, below);
  const acts: LifeAct[][] = order.map(() => []);
  const put = (act: LifeAct, at: number): void => void acts[Math.min(order.length - 1, at)]?.push(act);
  for (let n = 0; n < pushes; n += 1) {
    const how = pushKinds[below(pushKinds.length)] ?? 'add';
    const act = { is: 'push', repo: below(repos), how, isTold: roll() < 0.5, dice: below(1e6) } as const;
    put(act, Math.floor((n * order.length) / pushes));
  }
  const fates = shuffled(
    Array.from({ length: rebuilds }, (_, n) => among[n % among.length] ?? 'nothing'),
    below,
  );
  for (const [n, fate] of fates.entries()) {
    // The last ones have no round left in which anything could be done to them.
    const at = Math.floor((n * order.length * 0.9) / rebuilds);
    put({ is: 'rebuild', repo: below(repos), fate, dice: below(1e6) }, at);
  }
  for (let n = 0; n < rollbacks; n += 1) {
    const at = Math.floor(order.length * (0.3 + (0.65 * n) / rollbacks));
    put({ is: 'rollback', repo: below(repos), warms: roll() < 0.3 }, at);
  }
  const rounds = order.map((fault, at) => ({ fault, acts: shuffled(acts[at] ?? [], below) }));
  return { seed, repos, heavyRuns, rounds };
}

function shuffled<T>(given: readonly T[], below: (bound: number) => number): readonly T[] {
  const all = [...given];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = below(at + 1);
    const [one, two] = [all[at], all[other]];
    if (one === undefined || two === undefined) continue;
    all[at] = two;
    all[other] = one;
  }
  return all;
}
