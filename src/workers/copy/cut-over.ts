import { backOffMs } from '../../domain/back-off.ts';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Turn } from '../../domain/fence-names.ts';
import { guardSeen, takeGuard } from '../../fences/cut-over.ts';
import { guardOf, turnAfter, writersName } from '../../fences/guard.ts';
import { standing } from '../../fences/switch.ts';
import {
  pauseOf,
  underBlock,
  type BlockEnd,
  type CutOverInput,
  type CutOverParts,
  type Needed,
} from './under-block.ts';

/** What became of it: writers were refused for `blockedMs`; undefined = the switch was found done. */
export type CutOverDone = { readonly blockedMs: number | undefined };

export type CutOverOrder = CutOverInput & {
  /** How often it is tried before it ends: blocks that were lifted again, and rounds after which none was set. */
  readonly attempts: number;
};

/** Between two tries. */
const pauses = { firstMs: 1_000, longestMs: 60_000 };

/**
 * Takes all aliases of an index that is written into over to its copy, without losing a write: see
 * `docs/design/0025-cut-over.md`. Ends when the candidate serves and that was noted.
 *
 * TerminalError(CutOverDidNotFit): it would take longer than writers may be refused. TerminalError(Drifted): somebody
 * changed the aliases. ConflictError: somebody else has taken over. In all of these no block is left, but for the reason of
 * `lost`.
 */
export async function cutOver(parts: CutOverParts, order: CutOverOrder): Promise<CutOverDone> {
  const { acts, clock, lost, stop } = parts;
  if (await isSwitched(parts, order)) {
    await acts.note('Switched', 0);
    return { blockedMs: undefined };
  }
  const tries = new Tries(parts, order);
  for (let tried = 1; ; tried += 1) {
    const end = await tries.next();
    if (end.is === 'switched') {
      await acts.note('Switched', tries.taken);
      return { blockedMs: end.blockedMs };
    }
    if (tried === order.attempts) throw end.is === 'failed' ? end.error : didNotFit(end.needed, order.blockMs);
    await clock.sleep(backOffMs(tried, pauses), AbortSignal.any([lost, stop]));
  }
}

/** An earlier process may have ended right after its switch. */
async function isSwitched({ engine }: CutOverParts, order: CutOverOrder): Promise<boolean> {
  const guard = guardOf(order, { epoch: order.epoch, attempt: 1 });
  const now = await standing(engine.aliases, { moves: order.moves, guard });
  if (now.is === 'drifted') throw new TerminalError('Drifted', now.message);
  return now.is === 'switched' && (await guardSeen(engine, order)).blocks.length === 0;
}

/** One try after the other. The guard is taken anew once it was given up, or is not known to stand. */
class Tries {
  readonly #parts: CutOverParts;
  readonly #order: CutOverOrder;
  #turn: Turn;
  #taken = 0;
  #isTaken = false;

  constructor(parts: CutOverParts, order: CutOverOrder) {
    this.#parts = parts;
    this.#order = order;
    this.#turn = { epoch: order.epoch, attempt: 0 };
  }

  /** How often this process has taken the guard. */
  get taken(): number {
    return this.#taken;
  }

  async next(): Promise<BlockEnd> {
    this.#mayGoOn();
    try {
      if (!this.#isTaken) await this.#take();
      const needed = await this.#followed();
      if (!fits(needed, this.#order.blockMs)) return { is: 'late', needed };
      await this.#parts.acts.note('Blocking', this.#taken);
    } catch (error) {
      this.#mayGoOn();
      if (!(error instanceof RetryableError)) throw error;
      this.#isTaken = false;
      return { is: 'failed', error };
    }
    this.#isTaken = false;
    return underBlock(this.#parts, this.#order, this.#turn);
  }

  async #take(): Promise<void> {
    const { acts, engine } = this.#parts;
    const { epoch, attempt } = turnAfter(await guardSeen(engine, this.#order), this.#turn.epoch);
    this.#turn = { epoch, attempt: Math.max(attempt, this.#turn.attempt + 1) };
    this.#taken += 1;
    await takeGuard({ engine, pause: pauseOf(this.#parts) }, this.#order, this.#turn);
    this.#isTaken = true;
    await acts.note('Following', this.#taken);
  }

  /** The last of its rounds. One that took less than half as long as the one before it is progress, and followed by another. */
  async #followed(): Promise<Needed> {
    for (let before = Infinity; ;) {
      const needed = await this.#round();
      const ms = sum(needed);
      if (fits(needed, this.#order.blockMs) || 2 * ms > before) return needed;
      before = ms;
    }
  }

  async #round(): Promise<Needed> {
    const { acts, clock, engine, lost, stop } = this.#parts;
    const leg = { engine, target: writersName(this.#order, this.#turn), signal: AbortSignal.any([lost, stop]) };
    const needed = new Map<string, number>();
    for (const name of ['pass', 'sweep'] as const) {
      const startedMs = clock.elapsedMs();
      await acts[name](leg);
      needed.set(name, clock.elapsedMs() - startedMs);
      this.#mayGoOn();
    }
    return needed;
  }

  #mayGoOn(): void {
    this.#parts.lost.throwIfAborted();
    this.#parts.stop.throwIfAborted();
  }
}

/** Counting, the settings and the switch come with it, and the last of the writers. */
function fits(needed: Needed, blockMs: number): boolean {
  return 2 * sum(needed) <= blockMs;
}

function sum(needed: Needed): number {
  return [...needed.values()].reduce((total, ms) => total + ms, 0);
}

function didNotFit(needed: Needed, blockMs: number): TerminalError {
  const parts = [...needed].map(([name, ms]) => `${name} ${seconds(ms)}`).join(', ');
  const wanted = seconds(2 * sum(needed));
  const message = `writes would have to be blocked for ${wanted} s or so, and may be for ${seconds(blockMs)} s: ${parts}`;
  return new TerminalError('CutOverDidNotFit', message);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
