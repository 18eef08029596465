import { excludedNow, keepOffSettings, takeBackSettings, type KeptOff } from '../../domain/zones.ts';
import { engineEffect } from './engine-effect.ts';

type KeepOff = { readonly index: string } & Pick<KeptOff, 'by' | 'attribute' | 'zone'>;

/**
 * Keeps the shards of an index off a zone. What its filter said before is written into its `_meta` first, so that whoever
 * finds it can take it back; a note that stands there keeps what it holds.
 */
export const keepOffZone = engineEffect({
  name: 'keep-off-zone',
  target: ({ index }: KeepOff) => index,
  run: async ({ index, by, attribute, zone }, { engine: { indices } }) => {
    const [found] = await indices.describe(index);
    // Whoever deleted it has taken it off as well.
    if (!found) return;
    const known = noteIn(found.meta);
    const isSame = known?.attribute === attribute && known.zone === zone;
    const before = isSame ? known.before : excludedNow(found.settings, attribute);
    const note: KeptOff = { by, attribute, zone, before };
    await indices.putMeta(index, { ...found.meta, keptOff: note });
    await indices.putSettings(index, keepOffSettings(note));
  },
});

/** Takes that back, and the note after it. */
export const takeBackZone = engineEffect({
  name: 'take-back-zone',
  target: ({ index }: { readonly index: string }) => index,
  run: async ({ index }, { engine: { indices } }) => {
    const [found] = await indices.describe(index);
    const note = found && noteIn(found.meta);
    if (!note) return;
    await indices.putSettings(index, takeBackSettings(found.settings, note));
    const { keptOff: _over, ...meta } = found.meta;
    await indices.putMeta(index, meta);
  },
});

/** As this effect wrote it: nothing else does. */
function noteIn(meta: { readonly keptOff?: unknown }): KeptOff | undefined {
  return meta.keptOff as KeptOff | undefined;
}
