/** What code besides its steps has to know of a strategy, whichever it is. */
export type Traits = {
  /** It goes before everything but what holds the alias at this moment, and no limit holds it back. */
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
