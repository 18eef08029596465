import type { Reason } from '../api/reasons.ts';

/** What is in the way: a word that objects and programs tell, and a sentence for people. */
export type Problem = { readonly reason: Reason; readonly message: string };
