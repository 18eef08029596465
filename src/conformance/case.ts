import type { Stage } from './stage.ts';

/** One thing that the worker contract asks for. */
export type Case = {
  readonly name: string;
  readonly about: string;
  /** Throws Mismatch. A text = why it cannot be tried here. */
  readonly run: (stage: Stage) => Promise<string | undefined>;
};
