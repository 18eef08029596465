import { backOffMs } from '../../domain/back-off.ts';
import { ConflictError, RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Turn } from '../../domain/fence-names.ts';
import type { Engine } from '../../engine/port.ts';
import { blockLive, giveUp, switchPair } from '../../fences/cut-over.ts';
import { guardOf, writersName, type Pair } from '../../fences/guard.ts';
import { standing, type GuardedResult, type SwitchRequest } from '../../fences/switch.ts';
import type { SteadyClock } from '../../runtime/clock.ts';

/** What a part of a cut-over works with. */
export type Leg = {
  /** Inside the block its calls end with the budget. */
  readonly engine: Engine;
  /** The alias that the candidate is written through, for `require_alias`: another one in each attempt. */
  readonly target: string;
  /** Aborted when nothing more is to be begun; what is under way is awaited. */
  readonly signal: AbortSignal;
};

/** `Following` = writers are served; `Blocking` = they are refused, or will be any moment. */
export type CutOverState = 'Following' | 'Blocking' | 'Switched';

/** What is done to the two indices, by those who know how. Each settles soon after its signal was aborted. */
export type CutOverActs = {
  /** Brings the candidate up to date, all but deletes. */
  pass(leg: Leg): Promise<{ readonly documents: number }>;
  /** Deletes of the candidate what the live index does not have. */
  sweep(leg: Leg): Promise<{ readonly deleted: number }>;
  /** Exact, after a refresh of what was written. */
  counts(leg: Leg): Promise<{ readonly live: number; readonly candidate: number }>;
  /** Gives the candidate what it serves with: pipelines, `dynamic`, that it is not hidden. */
  serve(leg: Leg): Promise<void>;
  /** Tells whoever looks on; the attempts of this process count from 1. Throws when this worker is not the one any more whose word counts. */
  note(state: CutOverState, attempt: number): Promise<void>;
};

export type CutOverParts = {
  readonly engine: Engine;
  readonly clock: SteadyClock;
  readonly acts: CutOverActs;
  /** Aborted with the writer lease of the candidate: from then on nothing is done, and no block lifted. */
  readonly lost: AbortSignal;
  /** Aborted when the process is to end: a block is lifted before it does. */
  readonly stop: AbortSignal;
};

export type CutOverInput = Pair & {
  /** Of the writer lease of the candidate, which this process alone holds. */
  readonly epoch: number;
  /** Every alias of the live index. */
  readonly moves: readonly SwitchRequest[];
  /** How long writers may be refused at most, in one attempt. */
  readonly blockMs: number;
};

export type BlockEnd =
  | { readonly is: 'switched'; readonly blockedMs: number }
  /** Given up, writers are served. `needed`: what had been done by then, and for how many ms. */
  | { readonly is: 'late'; readonly needed: Needed }
  | { readonly is: 'failed'; readonly error: Error };

/** Ms that each part of a round took, in their order. */
export type Needed = ReadonlyMap<string, number>;

/** Both sides were at rest, and do not hold as many documents. */
class UnequalError extends TerminalError {
  constructor({ live, candidate }: { readonly live: number; readonly candidate: number }, index: string) {
    super('VerificationFailed', `the live version has ${live} documents, ${index} ${candidate}, with writes blocked`);
  }
}

/** What of the time is for the work; the rest is for giving up. */
const shareOfWork = 0.8;
/** A call that ends so shortly before the end of its time ended by it. */
const marginMs = 50;

/**
 * From the block to the switch, with the guard of this turn taken: either all aliases are moved, or writers are served
 * again and no switch of this turn can come any more. Throws the reason of `lost`, with a block that may stand; otherwise
 * only after the block was lifted. ConflictError: somebody else has given this turn up.
 */
export async function underBlock(parts: CutOverParts, input: CutOverInput, turn: Turn): Promise<BlockEnd> {
  const { clock, engine, lost, stop } = parts;
  const startedMs = clock.elapsedMs();
  const leftMs = (): number => startedMs + shareOfWork * input.blockMs - clock.elapsedMs();
  const work = new Work(parts, { engine: engine.within(leftMs), target: writersName(input, turn) }, leftMs());
  const end = await work.end(input, turn);
  if (end.is === 'switched') return { is: 'switched', blockedMs: clock.elapsedMs() - startedMs };
  lost.throwIfAborted();
  const given = await patiently(parts, async () => giveUp({ engine, pause: pauseOf(parts) }, input, turn));
  // What this turn began is over before another one begins.
  await work.settled();
  if (given === 'gone') return switchedAfterAll(parts, input, turn, clock.elapsedMs() - startedMs);
  stop.throwIfAborted();
  if (end.is === 'drifted') throw new TerminalError('Drifted', end.message);
  const error = end.is === 'failed' ? end.error : (causeOf(end) ?? unclear(input));
  if (!(error instanceof RetryableError || error instanceof UnequalError)) throw error;
  const isLate = error instanceof RetryableError && leftMs() < marginMs;
  return isLate ? { is: 'late', needed: work.needed() } : { is: 'failed', error };
}

type WorkEnd = GuardedResult | { readonly is: 'failed'; readonly error: unknown };

function causeOf(end: GuardedResult): RetryableError | undefined {
  return end.is === 'unconfirmed' ? end.why : undefined;
}

function unclear({ candidate }: Pair): RetryableError {
  return new RetryableError('EngineUnavailable', `the switch to ${candidate} was not confirmed, and given up`);
}

/** What is done under one block: one thing after another, until the time is over or this process may not go on. */
class Work {
  readonly #parts: CutOverParts;
  readonly #leg: Leg;
  readonly #needed = new Map<string, number>();
  readonly #over: Promise<never>;
  readonly #timer = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: CutOverParts, leg: Omit<Leg, 'signal'>, ms: number) {
    this.#parts = parts;
    const late = new AbortController();
    const signal = AbortSignal.any([parts.lost, parts.stop, late.signal]);
    this.#leg = { ...leg, signal };
    this.#over = new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.#over.catch(() => undefined);
    const tooLate = new RetryableError('EngineOverloaded', 'the time for which writes may be blocked is over');
    void parts.clock.sleep(ms, this.#timer.signal).then(() => late.abort(tooLate));
  }

  async end(input: CutOverInput, turn: Turn): Promise<WorkEnd> {
    const { acts } = this.#parts;
    const leg = this.#leg;
    try {
      await this.#do('block', () => blockLive(leg.engine, input, turn));
      await this.#do('pass', () => acts.pass(leg));
      await this.#do('sweep', () => acts.sweep(leg));
      const found = await this.#do('counts', () => acts.counts(leg));
      if (found.live !== found.candidate) throw new UnequalError(found, input.candidate);
      await this.#do('settings', () => acts.serve(leg));
      leg.signal.throwIfAborted();
      // Once it was sent the clock decides nothing: the guard does.
      return await switchPair(leg.engine, input, turn, input.moves);
    } catch (error) {
      return { is: 'failed', error };
    } finally {
      this.#timer.abort();
    }
  }

  /** Resolves when nothing that was begun is under way any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  needed(): Needed {
    return this.#needed;
  }

  async #do<T>(name: string, act: () => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    this.#leg.signal.throwIfAborted();
    const startedMs = clock.elapsedMs();
    const running = act();
    this.#running = running.catch(() => undefined);
    try {
      return await Promise.race([running, this.#over]);
    } finally {
      this.#needed.set(name, clock.elapsedMs() - startedMs);
    }
  }
}

/** Writers wait for it: it is tried again for some minutes. */
const mostTries = 40;
const pauses = { firstMs: 200, longestMs: 5_000 };

async function patiently<T>({ clock, lost }: CutOverParts, act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof RetryableError) || tries === mostTries) throw error;
    }
    await clock.sleep(backOffMs(tries, pauses), lost);
    lost.throwIfAborted();
  }
}

/** Between two looks at what is about to change. */
export function pauseOf({ clock, lost }: CutOverParts): () => Promise<void> {
  return async () => {
    await clock.sleep(pauses.firstMs, lost);
    lost.throwIfAborted();
  };
}

/** Nothing of the guard is left: the switch took it, or somebody else. */
async function switchedAfterAll(
  parts: CutOverParts,
  input: CutOverInput,
  turn: Turn,
  blockedMs: number,
): Promise<BlockEnd> {
  const request = { moves: input.moves, guard: guardOf(input, turn) };
  const now = await patiently(parts, async () => standing(parts.engine.aliases, request));
  if (now.is === 'switched') return { is: 'switched', blockedMs };
  throw new ConflictError(`the cut-over to ${input.candidate} was ended by somebody else`);
}
