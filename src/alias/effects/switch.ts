import type { AliasMember } from '../../domain/alias-member.ts';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import { versionName } from '../../domain/version.ts';
import { engineEffect } from './engine-effect.ts';

/** Moves an alias from the members that it is expected to have to the next ones, in one call. */
export const moveAlias = engineEffect({
  name: 'switch-alias',
  target: ({ alias }: Move) => alias,
  run: async (move, hands) => {
    const result = await hands.switchAlias(move);
    switch (result.is) {
      case 'switched':
        return;
      case 'drifted':
        throw new TerminalError('Drifted', result.message);
      case 'unconfirmed': {
        const message = `the switch of ${move.alias} is not confirmed yet; the alias will be read again`;
        throw result.why ?? new RetryableError('EngineUnavailable', message);
      }
      default:
        return result satisfies never;
    }
  },
});

type Move = {
  readonly alias: string;
  readonly expected: readonly AliasMember[];
  readonly next: readonly AliasMember[];
};

/** Writes down which version serves. The alias record last: as long as it does not say so, this is done again. */
export const recordSwitch = engineEffect({
  name: 'record-switch',
  target: ({ alias, live }: SwitchNote) => versionName(alias, live),
  run: async ({ alias, live, retired, since }, { settings }) => {
    await settings.changeVersion(versionName(alias, live), record => ({ ...record, phase: 'Live', since }));
    for (const number of retired)
      if (await settings.versionRecord(versionName(alias, number)))
        await settings.changeVersion(versionName(alias, number), record =>
          record.phase === 'Retired' ? record : { ...record, phase: 'Retired', since },
        );
    await settings.changeAlias(alias, record => ({ ...record, live, retired, candidate: null, writeSet: [live] }));
  },
});

type SwitchNote = {
  readonly alias: string;
  readonly live: number;
  readonly retired: readonly number[];
  readonly since: string;
};
