import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { ViewPage } from '../../engine/view-port.ts';

/** A document of a page, with its source as bytes: it is never parsed. */
export type ReadDocument = {
  readonly id: string;
  readonly routing: string | undefined;
  /** Up to 2^63. */
  readonly version: bigint;
  readonly seqNo: number;
  readonly primaryTerm: number;
  /** undefined = the page was asked for without sources, or the index keeps none. */
  readonly source: Buffer | undefined;
  /** Where the next page begins, if this is the last of one. */
  readonly sort: readonly unknown[];
};

const about = z.object({
  _id: z.string(),
  _routing: z.string().optional(),
  _seq_no: z.number().int(),
  _primary_term: z.number().int(),
});
const sortBegin = Buffer.from('"sort":');
/** A quotation mark in a text of JSON has a backslash before it, also one that ends the text of an id: this is the field. */
const sourceBegin = Buffer.from('"_source":');

/**
 * Each hit ends with the mark of its page, which nothing that was indexed can hold; before it stands what it is sorted by,
 * two numbers; and what is before the source holds texts of JSON alone. So the source is what is left.
 */
export function documentsIn({ hits, mark }: ViewPage): readonly ReadDocument[] {
  const end = Buffer.from(`,"matched_queries":["${mark}"]}`);
  const documents: ReadDocument[] = [];
  for (let from = 0; from < hits.length;) {
    const to = hits.indexOf(end, from);
    if (to < 0) throw unreadable();
    documents.push(documentIn(hits.subarray(from, to)));
    // The comma between two hits.
    from = to + end.length + 1;
  }
  return documents;
}

function documentIn(hit: Buffer): ReadDocument {
  const sortAt = hit.lastIndexOf(sortBegin);
  const sourceAt = hit.indexOf(sourceBegin);
  const hasSource = sourceAt >= 0 && sourceAt < sortAt;
  if (sortAt < 0) throw unreadable();
  // Both are followed by more: a comma ends what is before them.
  const head = hit.toString('utf8', 0, (hasSource ? sourceAt : sortAt) - 1);
  const found = about.safeParse(JSON.parse(`${head}}`));
  const version = /"_version":(\d+)/.exec(head)?.[1];
  if (!found.success || version === undefined) throw unreadable();
  return {
    id: found.data._id,
    routing: found.data._routing,
    version: BigInt(version),
    seqNo: found.data._seq_no,
    primaryTerm: found.data._primary_term,
    source: hasSource ? hit.subarray(sourceAt + sourceBegin.length, sortAt - 1) : undefined,
    sort: JSON.parse(hit.toString('utf8', sortAt + sortBegin.length)) as readonly unknown[],
  };
}

function unreadable(): TerminalError {
  return new TerminalError('NotASearchEngine', 'a page of a view: a document is not written as both engines do');
}
