/** What one copy of a shard says of its operations, by their sequence numbers; -1 = none yet. */
export type CopyStand = {
  readonly primary: boolean;
  /** Searches may be answered by it; false = it is being made or brought up to date. */
  readonly active: boolean;
  /** The highest that it holds. */
  readonly maxSeqNo: number;
  /** It holds all operations up to this one. */
  readonly localCheckpoint: number;
  /** Up to here all copies that count hold all operations, as far as it knows: a failover loses none of them. */
  readonly globalCheckpoint: number;
};

export type ShardStand = { readonly shard: number; readonly copies: readonly CopyStand[] };

/** A shard of an index as it stood when the view was opened. The id may change from page to page. */
export type View = { readonly id: string };

export type PageQuestion = {
  /** Documents whose last operation is above this one; -1 = all. */
  readonly above: number;
  /** At most so many documents. */
  readonly size: number;
  /** The `sort` of the last document of the page before; absent: from the beginning. */
  readonly after?: readonly unknown[] | undefined;
  /** False: without their sources. */
  readonly sources: boolean;
  /** A longer answer is not read to its end: AnswerTooLargeError. Default 64 MiB. */
  readonly maxBytes?: number;
};

/** Documents in the order of their sequence numbers, as the engine wrote them. */
export type ViewPage = {
  readonly view: View;
  /**
   * The hits as JSON, with commas between them. Each has `_id`, `_version`, `_seq_no`, `_primary_term`, and `_routing` if it was
   * given, then `_source`, byte by byte as it was indexed, then `sort`, and ends with `"matched_queries":["MARK"]}`.
   */
  readonly hits: Buffer;
  /** Drawn for this page: no document can hold it. */
  readonly mark: string;
};

/** A limit of time: what is not answered by then is a RetryableError. */
export type TimeLimit = { readonly timeoutMs: number };

/** For reading an index that is written to: where the copies of its shards stand, and views of one shard at a time. */
export interface Views {
  /** How often each shard, by its number, was given another primary. */
  primaryTerms(index: string, limit: TimeLimit): Promise<ReadonlyMap<number, number>>;
  /** Every copy that is assigned, by shard. One that does not answer: RetryableError. */
  stands(index: string, limit: TimeLimit): Promise<readonly ShardStand[]>;
  /** Makes what was written durable, also where that is otherwise done now and then only. */
  flush(index: string): Promise<void>;
  /** Of what the last refresh of that shard showed, on its primary where the engine lets that be chosen; lives ten minutes from its last page. */
  open(index: string, shard: number): Promise<View>;
  /** One that is gone already is closed. */
  close(view: View): Promise<void>;
  /** A view that is gone, and an answer that is not whole: RetryableError. */
  page(view: View, question: PageQuestion): Promise<ViewPage>;
  /**
   * Shards that a document with this routing, or without one with this id, may lie in: one, unless the index spreads each
   * routing. undefined = the engine cannot be asked for one with a comma in it.
   */
  shardsOf(index: string, routing: string): Promise<readonly number[] | undefined>;
}
