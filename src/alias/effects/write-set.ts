import { engineEffect } from './engine-effect.ts';

type WriteSet = { readonly alias: string; readonly versions: readonly number[] };

/** Names the versions that receive every write from now on. */
export const keepInStep = engineEffect({
  name: 'keep-in-step',
  target: ({ alias, versions }: WriteSet) => `${alias}/${versions.join('+')}`,
  run: async ({ alias, versions }, { settings }) => {
    await settings.changeAlias(alias, record => ({ ...record, writeSet: versions }));
  },
});
