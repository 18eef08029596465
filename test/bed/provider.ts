import { kindProvider } from './kind.ts';
import { localProvider } from './local.ts';
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
};

export type ProviderName = BedState['provider'];

export function providerOf(name: ProviderName): Provider {
  return name === 'kind' ? kindProvider : localProvider;
}
