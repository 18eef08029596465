import { bounded } from '../domain/bounded-text.ts';
import { ConflictError, RetryableError } from '../domain/errors.ts';
import { blockNamesIn, writeAliasesIn, type Turn } from '../domain/fence-names.ts';
import { BlockedError } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import { blockName, guardIn, guardOf, isLater, movedGuardOf, type GuardSeen, type Pair } from './guard.ts';
import { moveNames } from './move-names.ts';
import { switchGuarded, type GuardedResult, type SwitchRequest } from './switch.ts';
import { blockAnew, drainWriters } from './write-alias.ts';

/** The engine, and what is waited between two looks at it. */
export type FenceParts = {
  readonly engine: Pick<Engine, 'aliases' | 'indices' | 'cluster'>;
  readonly pause: () => Promise<void>;
};

/** How often a block that is still there is lifted anew. */
const mostLifts = 20;
/** How often a look is repeated because the names were moved between it and the call. */
const mostLooks = 5;

/**
 * Begins a turn: shuts every earlier writer of the candidate out, waits for what was on its way, and sets up the pair of
 * names, in one call. A cut-over of an earlier turn is given up first. A turn is begun once: after an error the next
 * attempt is another turn. ConflictError: that turn or a later one was there, or the candidate has no write alias any more.
 * BlockedError: the live index is blocked, and not by a cut-over: that is left alone.
 */
export async function takeGuard(parts: FenceParts, pair: Pair, turn: Turn): Promise<void> {
  const { engine } = parts;
  const { draining } = movedGuardOf(pair, turn);
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const seen = await guardSeen(engine, pair);
    refuseLater(seen, pair, looks === 0 ? { ...turn, attempt: turn.attempt - 1 } : turn);
    if (seen.writers.length === 0)
      throw new ConflictError(`${pair.candidate} has no write alias: it was switched, or is not being filled`);
    if (seen.blocks.length > 0) await giveUp(parts, pair, turn);
    else {
      await refuseBlocked(engine, pair);
      // Refused: a call of an earlier attempt, whose answer was lost, came in between.
      if ((await moveThose(engine, seen.writers, [draining])) === 'refused') continue;
    }
    // By the name that goes with this turn: a block of a process that wakes late finds none.
    await drainWriters(engine, draining.alias);
    if ((await moveNames(engine, [draining], guardOf(pair, turn))) === 'applied') return;
  }
  throw movedAllTheTime(pair);
}

function refuseLater({ writers, blocks }: GuardSeen, pair: Pair, turn: Turn): void {
  if ([...writers, ...blocks].some(name => isLater(name, turn))) throw overtaken(pair);
}

async function refuseBlocked({ indices }: FenceParts['engine'], { live }: Pair): Promise<void> {
  const blocks = await indices.writeBlocks(live);
  if (!blocks.some(({ byRequest }) => byRequest)) return;
  throw new BlockedError('WritesBlocked', `${live} is write-blocked, and not by a cut-over: lift index.blocks.write`);
}

/**
 * Refuses writes to the live index; returns when those that were on their way have finished. ConflictError: the turn is
 * over. RetryableError: a block may stand.
 */
export async function blockLive({ indices }: Pick<Engine, 'indices'>, pair: Pair, turn: Turn): Promise<void> {
  if ((await blockAnew(indices, blockName(pair, turn))) === 'gone') throw overtaken(pair);
}

/**
 * Moves all aliases of the live index to the candidate in one call that takes the guard away. An alias that was put on the
 * live index meanwhile is a drift as well: left there it would refuse every write.
 */
export async function switchPair(
  { aliases, indices }: Pick<Engine, 'aliases' | 'indices'>,
  pair: Pair,
  turn: Turn,
  moves: readonly SwitchRequest[],
): Promise<GuardedResult> {
  const [live] = await indices.describe(pair.live);
  const own = live ? [...writeAliasesIn(live), ...blockNamesIn(live), ...moves.map(({ alias }) => alias)] : [];
  const strange = Object.keys(live?.aliases ?? {}).find(alias => !own.includes(alias));
  if (strange !== undefined)
    return { is: 'drifted', message: bounded(`alias ${strange} was put on ${pair.live} while it was being copied`) };
  return switchGuarded(aliases, { moves, guard: guardOf(pair, turn) });
}

/**
 * Ends whatever turn stands, an earlier one's too: takes its names away, waits for what reached the engine through them, and
 * lifts the block. `lifted` = no switch of those turns can come into effect any more, and no block of theirs stands. `gone` =
 * there was nothing to give up, most often because the switch took place: read the alias. ConflictError: a later turn
 * stands, nothing was lifted. RetryableError: not confirmed; a block may stand, and calling again goes on.
 *
 * The candidate, if it is there, is left with one write alias that no writer has.
 */
export async function giveUp(parts: FenceParts, pair: Pair, turn: Turn): Promise<'lifted' | 'gone'> {
  const { engine } = parts;
  const { draining, lifting } = movedGuardOf(pair, turn);
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const seen = await guardSeen(engine, pair);
    const names = [...seen.writers, ...seen.blocks];
    if (names.length === 0) return 'gone';
    refuseLater(seen, pair, turn);
    const targets = [...(seen.writers.length === 0 ? [] : [draining]), ...(seen.blocks.length === 0 ? [] : [lifting])];
    if ((await moveThose(engine, names, targets)) === 'refused') continue;
    if (targets.includes(lifting)) await lift(parts, pair, lifting.alias);
    return 'lifted';
  }
  throw movedAllTheTime(pair);
}

type Names = GuardSeen['writers'];

async function moveThose(
  engine: FenceParts['engine'],
  standing: Names,
  targets: Names,
): Promise<'applied' | 'refused'> {
  const from = standing.filter(({ alias }) => !targets.some(target => target.alias === alias));
  const to = targets.filter(({ alias }) => !standing.some(name => name.alias === alias));
  return from.length + to.length === 0 ? 'applied' : moveNames(engine, from, to);
}

/** Only once the names were moved: what the master has in hand by the old ones is done before the wait is over. */
async function lift(parts: FenceParts, pair: Pair, name: string): Promise<void> {
  const { aliases, cluster, indices } = parts.engine;
  await cluster.awaitChanges();
  for (let lifts = 0; ; lifts += 1) {
    if ((await indices.unblockWrites(name)) === 'gone') throw overtaken(pair);
    const blocks = await indices.writeBlocks(pair.live);
    if (!blocks.some(({ byRequest }) => byRequest)) break;
    if (lifts === mostLifts)
      throw new RetryableError('EngineUnavailable', `the block of ${pair.live} does not go away`);
    await completeBlock(parts, pair, name);
  }
  // Refused: whoever is next has moved it on, and lifts it again.
  const outcome = await aliases.update([{ remove: { index: pair.live, alias: name, must_exist: true } }]);
  if (outcome === 'unconfirmed')
    throw new RetryableError('EngineUnavailable', `it is not confirmed yet that ${name} was removed`);
}

/**
 * A block that is draining, or whose drain failed, is a temporary one, which lifting leaves: blocking again takes it on and
 * makes it one that can be lifted.
 */
async function completeBlock({ engine, pause }: FenceParts, pair: Pair, name: string): Promise<void> {
  try {
    if ((await engine.indices.blockWrites(name)) === 'gone') throw overtaken(pair);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    await pause();
  }
}

/** The names of the pair now. */
export async function guardSeen({ indices }: Pick<Engine, 'indices'>, pair: Pair): Promise<GuardSeen> {
  return guardIn(pair, await indices.describe(`${pair.candidate},${pair.live}`));
}

function movedAllTheTime({ candidate }: Pair): RetryableError {
  return new RetryableError('EngineUnavailable', `the guard of ${candidate} is being moved all the time`);
}

function overtaken({ candidate }: Pair): ConflictError {
  return new ConflictError(`the cut-over to ${candidate} was taken over by somebody else`);
}
