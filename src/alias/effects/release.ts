import { RetryableError } from '../../domain/errors.ts';
import { releaseAlias } from '../transfer.ts';
import { engineEffect } from './engine-effect.ts';

type Owned = { readonly alias: string; readonly ownerUid: string };

/** Leaves an alias with everything behind it to the next owner. */
export const leaveAlias = engineEffect({
  name: 'release-alias',
  target: ({ alias }: Owned) => alias,
  run: async (args, hands) => releaseAlias(args, hands),
});

/** An engine that refuses says that the alias no longer points there: what was wanted. */
export const removeAlias = engineEffect({
  name: 'remove-alias',
  target: ({ alias }: { readonly alias: string; readonly index: string }) => alias,
  run: async ({ alias, index }, { engine }) => {
    const answer = await engine.aliases.update([{ remove: { index, alias, must_exist: true } }]);
    if (answer === 'unconfirmed')
      throw new RetryableError('EngineUnavailable', `the removal of ${alias} is not confirmed yet`);
  },
});

/** Removes the record of an alias. */
export const forgetAlias = engineEffect({
  name: 'forget-alias',
  target: ({ alias }: Owned) => alias,
  run: async ({ alias, ownerUid }, { settings }) => settings.forgetAlias(alias, ownerUid),
});
