import { fencingCases } from './fencing-cases.ts';
import { indexingCases } from './indexing-cases.ts';
import { refusalCases } from './refusal-cases.ts';
import type { Stage } from './stage.ts';

/** One thing that the worker contract asks for. */
export type Case = {
  readonly name: string;
  readonly about: string;
  /** Throws Mismatch. A text = why it cannot be tried here. */
  readonly run: (stage: Stage) => Promise<string | undefined>;
};

/** In the order in which they run: what later ones rely on comes first. */
export const cases: readonly Case[] = [...indexingCases, ...refusalCases, ...fencingCases];
