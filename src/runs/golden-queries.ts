import { versionSet, type VersionSet } from '../alias/version-set.ts';
import type { Frozen } from '../api/kind.ts';
import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import type { GoldenQuery } from '../api/run-checks.ts';
import { RefusedRequestError } from '../domain/errors.ts';
import type { Documents, SearchReply } from '../engine/port.ts';
import { aliasSide, throughFilter, type AliasSide } from './alias-side.ts';
import { isJustApproved, passesUnclear } from './control.ts';
import { candidateRecord, candidateSet, ground } from './facts.ts';
import type { Observed } from './observed.ts';
import { engineQuestion } from './step.ts';

/** Asking the queries of `spec.verify`: those that did not pass yet, on the candidate and where wanted on the live version. */

export type Query = Frozen<GoldenQuery>;

export type QueryAnswer =
  /** `fastestMs` is that of the fastest of the times that it was asked. */
  | { readonly is: 'answered'; readonly reply: SearchReply; readonly fastestMs: number }
  | { readonly is: 'refused'; readonly message: string };

export type QueryAnswers = {
  /** Absent: those before it took all the time that there is at one look. */
  readonly candidate?: QueryAnswer;
  /** Absent: not asked, or no version is live. */
  readonly live?: QueryAnswer;
};

/** The engine gives up then, and says so in its answer. */
const queryTimeout = '5s';
/** What all queries of one look may take, by the engine's own clock: the run renews its lock between looks. */
const lookTookMs = 15_000;
/** The first time fills caches of the engine. */
const timesForLatency = 3;

export const goldenAnswers = engineQuestion('answers to the golden queries', async (o, { engine }) => {
  const { record, engine: side, alias } = ground(o);
  const live = record.live === null ? undefined : versionSet(side, alias, record.live);
  return askQueries(queriesToAsk(o), { candidate: candidateSet(o), live }, engine.documents);
});

type Asked = { readonly candidate: VersionSet | undefined; readonly live: VersionSet | undefined };

/** Asks each of them of the candidate, and of the live version where it is compared with that, as far as time allows. */
export async function askQueries(
  queries: readonly Query[],
  { candidate, live }: Asked,
  documents: Documents,
): Promise<ReadonlyMap<string, QueryAnswers>> {
  const answers = new Map<string, QueryAnswers>();
  let tookMs = 0;
  for (const query of queries) {
    if (tookMs > lookTookMs) break;
    const asked = await Promise.all(
      [candidate, comparesWithLive(query) ? live : undefined].map(async set => {
        const where = set && aliasSide(set);
        return where && answersOf(documents, query, where);
      }),
    );
    tookMs += asked.reduce((sum, each) => sum + (each?.tookMs ?? 0), 0);
    answers.set(query.name, {
      ...(asked[0] && { candidate: asked[0].answer }),
      ...(asked[1] && { live: asked[1].answer }),
    });
  }
  return answers;
}

export function queriesOf({ request }: Observed): readonly Query[] {
  return request.spec.verify?.queries ?? [];
}

/** What is not settled yet for what the candidate holds now: a look that had no time for all is followed by one that goes on. */
export function queriesToAsk(o: Observed): readonly Query[] {
  return queriesOf(o).filter(query => !settledBefore(o, query));
}

/** The entry of the status that says that it passed, or that it was unclear where that is approved. */
export function settledBefore(o: Observed, { name }: Query): Entry | undefined {
  const { verification = [], to } = o.request.status;
  if (to?.commit !== candidateRecord(o)?.commit || isJustApproved(o.request)) return undefined;
  return verification.find(entry => entry.name === checkName(name) && isSettled(o, entry));
}

/** Nothing is left to be seen of this check. */
export function isSettled({ request }: Observed, { result }: Pick<Entry, 'result'>): boolean {
  return result === 'Pass' || (result === 'Unclear' && passesUnclear(request));
}

type Entry = NonNullable<ReindexRequestStatus['verification']>[number];

export function checkName(query: string): string {
  return `query/${query}`;
}

export function comparesWithLive({ overlapPercent, maxLatencyPercent }: Query): boolean {
  return overlapPercent !== undefined || maxLatencyPercent !== undefined;
}

async function answersOf(
  documents: Documents,
  query: Query,
  side: AliasSide,
): Promise<{ readonly answer: QueryAnswer; readonly tookMs: number }> {
  const body = { query: throughFilter(side, query.body), size: query.k, _source: false, timeout: queryTimeout };
  const replies: SearchReply[] = [];
  try {
    const times = query.maxLatencyPercent === undefined ? 1 : timesForLatency;
    while (replies.length < times) replies.push(await documents.search(side.index, body, { scoring: 'Global' }));
  } catch (error) {
    if (!(error instanceof RefusedRequestError)) throw error;
    return { answer: { is: 'refused', message: error.message }, tookMs: 0 };
  }
  const took = replies.map(reply => reply.tookMs);
  const [first] = replies as [SearchReply]; // it was asked once at least
  const reply = replies.find(each => each.timedOut || each.failedShards > 0) ?? first;
  return {
    answer: { is: 'answered', reply, fastestMs: Math.min(...took) },
    tookMs: took.reduce((sum, each) => sum + each, 0),
  };
}
