import { kindProvider } from './kind.ts';
import { localProvider } from './local.ts';
import { RefusedError } from './refused.ts';
import { readBedState, writeBedState } from './state.ts';
import type { BedLevel, BedState } from './state.ts';

export type BedOptions = {
  readonly level: BedLevel;
  readonly engineNodes: number;
};

/** A way to have a bed. Both describe it in the same file, so that its users need not know which one it was. */
export type Provider = {
  /** Throws RefusedError when this machine, or a bed that is up already, stands in the way. */
  up(options: BedOptions): Promise<BedState>;
  /** Also when none is up, or only parts of one. */
  down(): Promise<void>;
  /** Gives the node of a bed that is up the image of this checkout as it is now, and answers its name. */
  image(state: BedState): Promise<string>;
};

export type ProviderName = BedState['provider'];

export function providerOf(name: ProviderName): Provider {
  return name === 'kind' ? kindProvider : localProvider;
}

/** Gives the node of the bed that is up the image of this checkout as it is now, and answers its name. */
export async function refreshImage(): Promise<string> {
  const state = readBedState();
  if (state?.node === undefined) throw new RefusedError('no bed with a node is up: npm run bed -- up --level 1');
  const image = await providerOf(state.provider).image(state);
  writeBedState({ ...state, node: { ...state.node, image } });
  return image;
}
