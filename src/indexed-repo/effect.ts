import type { OnEngine } from '../alias/effects/engine-effect.ts';
import type { OnKube } from '../objects/create-owned.ts';
import type { Effect } from '../plan/effect.ts';

/** What is done for an IndexedRepo. */
export type RepoEffect = Effect<OnEngine & OnKube>;
