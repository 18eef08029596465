import type { Case } from './case.ts';
import { fencingCases } from './fencing-cases.ts';
import { indexingCases } from './indexing-cases.ts';
import { refusalCases } from './refusal-cases.ts';

/** In the order in which they run: what later ones rely on comes first. */
export const cases: readonly Case[] = [...indexingCases, ...refusalCases, ...fencingCases];
