/** What code besides its steps has to know of a strategy, whichever it is. */
export type Traits = {
  /** No limit holds it back, and unless its request says otherwise it goes before everything but what holds the alias. */
  readonly preempts: boolean;
  /** A pause of its target does not keep it from starting. */
  readonly startsWhilePaused: boolean;
  /** It makes a new version; otherwise it goes back to one that is there. */
  readonly builds: boolean;
  /**
   * The step from which on the live version stands still, so that the new one cannot be overtaken: light runs that may go on
   * beside a run wait from there on. Undefined = from its first step.
   */
  readonly stillFrom: string | undefined;
};
