import type { Target } from '../targets.ts';

/** How much is measured: `quick` stays below six minutes for all metrics together. */
export type Profile = 'quick' | 'full';

/** 90 % of the resampled geometric means lie between these. */
export type Interval = { readonly low: number; readonly high: number };

/** One figure against what it is judged by. All figures of a case have its unit. */
export type Case = {
  readonly case: string;
  readonly ours: number | null;
  /** Another program that does the same; null where there is none, or it is not on this machine. */
  readonly peer: number | null;
  /** What no program can beat on this machine, measured in the same minutes. */
  readonly limit: number | null;
  readonly unit: string;
  /** Ours divided by what the target names; null where the target is on our figure alone. */
  readonly ratio: number | null;
  readonly interval: Interval | null;
  readonly target: Target | null;
  /** What a reader has to know beside the figures: an absent peer, a smaller size than the page asks for. */
  readonly note: string;
};

/** What a metric works with. */
export type BenchContext = {
  readonly profile: Profile;
  /** A line for whoever waits. */
  readonly say: (text: string) => void;
};

export type Metric = {
  /** As `performance.md` names it. */
  readonly id: string;
  readonly title: string;
  readonly run: (context: BenchContext) => Promise<readonly Case[]>;
};

/** The metric cannot be measured on this machine; the message says what is missing and how it is had. */
export class NotMeasurableError extends Error {
  override readonly name = 'NotMeasurableError';
}
