import type { JsonObject } from '../domain/json.ts';

/** What an index answered to a search, as far as two of them are compared. */
export type Answer = {
  /** Of HTTP. */
  readonly status: number;
  /** The time limit was reached before every document was looked at. */
  readonly timedOut: boolean;
  readonly failedShards: number;
  /** Documents that matched, all pages together. */
  readonly total: number;
  /** False: there are at least so many. An answer without a total says at least 0. */
  readonly totalIsExact: boolean;
  /** One page, in the order of the answer. */
  readonly hits: readonly AnsweredHit[];
  readonly aggregations: JsonObject;
};

export type AnsweredHit = {
  readonly id: string;
  readonly score: number | null;
  /** Present where the search asked for an order. */
  readonly sort?: readonly unknown[];
};
