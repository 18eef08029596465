import type { DistributionName } from './distributions.ts';
import { kindProvider } from './kind.ts';
import { localProvider } from './local.ts';
import type { BedLevel, BedState } from './state.ts';

export type BedOptions = {
  readonly level: BedLevel;
  readonly engine: DistributionName;
  readonly engineNodes: number;
};

/** A way to have a bed: what differs between them. lifecycle.ts says when each of it is done. */
export type Provider = {
  /** What stands in the way of such a bed on this machine, each with the next step; empty: it can be brought up. */
  obstacles(options: BedOptions): Promise<readonly string[]>;
  /** Starts every part in the bed's folder and describes it; on failure the parts so far keep running. */
  start(home: string, options: BedOptions): Promise<BedState>;
  /** What of a described bed is not there any more, in words for people; empty: all of it lives. */
  lacks(state: BedState): Promise<readonly string[]>;
  /** Puts into the folder what tells why a start failed, while its parts still run. */
  keepEvidence(home: string, folder: string): Promise<void>;
  /** Gives the node of a bed that is up the image of this checkout as it is now, and answers its name. */
  image(state: BedState): Promise<string>;
};

export type ProviderName = BedState['provider'];

export function providerOf(name: ProviderName): Provider {
  return name === 'kind' ? kindProvider : localProvider;
}
