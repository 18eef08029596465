import { TerminalError } from '../../domain/errors.ts';
import { ownerName } from '../../domain/owner-name.ts';
import type { Owner } from '../../domain/records.ts';
import type { EngineHands } from '../engine-hands.ts';
import { handOver, noOwner } from '../transfer.ts';
import { engineEffect } from './engine-effect.ts';

type Claim = { readonly alias: string; readonly owner: Owner };

/**
 * An alias that has no owner, or one that its owner left behind on purpose, goes to the claimant, with everything behind
 * it. The record goes first: of several who ask, one gets it, and only that one touches the indices.
 */
export const claimAlias = engineEffect({
  name: 'claim-alias',
  target: ({ alias }: Claim) => alias,
  run: async ({ alias, owner }, hands) => {
    requireTaken(alias, owner, await recordOwner(alias, owner, hands));
    await handOver(alias, { from: noOwner, to: owner.uid }, hands);
  },
});

async function recordOwner(alias: string, owner: Owner, { settings }: EngineHands): Promise<Owner> {
  const claimed = await settings.claim(alias, owner);
  const isOurs = claimed.is === 'ours';
  // A record of an earlier release names no operator.
  if (isOurs && claimed.record.owner.operator !== undefined) return owner;
  const record = await settings.changeAlias(alias, known =>
    known.owner.uid === (isOurs ? owner.uid : noOwner) ? { ...known, owner } : known,
  );
  return record.owner;
}

/**
 * From an owner that is gone for good, with everything that still carries its uid. The record first, which also remembers
 * from whom: as long as something carries that uid, this is done again.
 */
export const takeOverAlias = engineEffect({
  name: 'take-over-alias',
  target: ({ alias }: Claim & { readonly from: string }) => alias,
  run: async ({ alias, owner, from }, hands) => {
    const record = await hands.settings.changeAlias(alias, known =>
      known.owner.uid === from ? { ...known, owner, previous: known.owner } : known,
    );
    requireTaken(alias, owner, record.owner);
    await handOver(alias, { from, to: owner.uid }, hands);
  },
});

function requireTaken(alias: string, owner: Owner, taker: Owner): void {
  if (taker.uid === owner.uid) return;
  throw new TerminalError('AliasOwnedElsewhere', `"${alias}" belongs to ${ownerName(taker)}`);
}
