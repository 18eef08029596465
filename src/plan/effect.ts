/** What the code that carries effects out has to know of one, whichever it is. */
export type Mark =
  /** It changes the object that is looked at: the watch brings that back as it is then. */
  | 'moves-object'
  /** What it changes comes back through the watch. */
  | 'is-watched'
  | 'takes-lock'
  | 'starts-work'
  | 'deletes-version'
  /** It happens again and again while all is well. */
  | 'is-routine';

/**
 * One thing that is to be done to the world, as data: what the operator runs, what crash tests cut short after, and what
 * an audit log would list. Each one is idempotent: "already so" is success if what stands there is ours.
 */
export type Effect<Hands = never> = {
  /** Stable, `name/target`: the same effect has the same id at every look. */
  readonly id: string;
  readonly name: string;
  readonly args: object;
  readonly marks: readonly Mark[];
  /** What else a log line says of it. */
  readonly details: object;
  readonly run: (hands: Hands) => Promise<void>;
};

/** Makes the function that makes effects of one kind. */
export function effect<Args extends object, Hands>(kind: {
  readonly name: string;
  readonly marks?: readonly Mark[];
  readonly target: (args: Args) => string;
  readonly details?: (args: Args) => object;
  readonly run: (args: Args, hands: Hands) => Promise<void>;
}): (args: Args) => Effect<Hands> {
  const { name, marks = [] } = kind;
  return args => ({
    ...{ id: `${name}/${kind.target(args)}`, name, args, marks, details: kind.details?.(args) ?? {} },
    run: async hands => kind.run(args, hands),
  });
}

export function hasMark(effects: readonly Pick<Effect, 'marks'>[], mark: Mark): boolean {
  return effects.some(({ marks }) => marks.includes(mark));
}
