import type { OnEngine } from '../alias/effects/engine-effect.ts';
import type { OnKube } from '../objects/kube-effect.ts';
import type { Effect } from '../plan/effect.ts';
import type { AtWork } from '../work/workplace.ts';

/** What is done for an IndexedRepo. */
export type RepoEffect = Effect<OnEngine & OnKube & AtWork>;
