import { ConflictError } from '../../domain/errors.ts';
import { writerLeaseSeconds, type Holder } from '../../domain/records.ts';
import type { EngineHands } from '../engine-hands.ts';
import { engineEffect } from './engine-effect.ts';

type CutOver = {
  /** Of the version that is filled; its main index is named so as well. */
  readonly candidate: string;
  /** The index that serves. */
  readonly live: string;
  /** Who gives it up. */
  readonly holder: Holder;
};

/**
 * Ends a cut-over whose worker is gone, or may be: its writer lease is taken from it, its names are moved, and the block is
 * lifted (docs/design/0025). The lease is kept: a worker that is alive after all may not begin anew at once, and one that is made after this waits for it. ConflictError:
 * there is nothing to give up any more, most often because the switch took place.
 */
export const giveUpCutOver = engineEffect({
  name: 'give-up-cut-over',
  target: ({ candidate }: CutOver) => candidate,
  run: async ({ candidate, live, holder }, hands) => {
    const epoch = await takeWriter(candidate, holder, hands);
    if ((await hands.giveUpCutOver({ candidate, live }, epoch)) === 'lifted') return;
    throw new ConflictError(`the cut-over to ${candidate} is over already`);
  },
});

/** The epoch that goes with it; undefined = there is no record any more. However alive the holder is, it is shut out. */
async function takeWriter(
  candidate: string,
  holder: Holder,
  { settings }: Pick<EngineHands, 'settings'>,
): Promise<number | undefined> {
  if (!(await settings.versionRecord(candidate))) return undefined;
  const { writer } = await settings.changeVersion(candidate, version => ({
    ...version,
    writer: {
      ...version.writer,
      held: true,
      holder,
      epoch: version.writer.epoch + 1,
      leaseSeconds: writerLeaseSeconds,
    },
  }));
  return writer.epoch;
}
