import { createHash } from 'node:crypto';
import { durationMs } from '../../api/duration.ts';
import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import { hasReason } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isoSeconds } from '../../domain/progress.ts';
import type { Documents } from '../../engine/port.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, wait } from '../../plan/step.ts';
import { drawnQueries, searchedFields } from '../../traffic/drawn-queries.ts';
import { hasSettled } from '../../traffic/settling.ts';
import { aliasSide, throughFilter, type AliasSide } from '../alias-side.ts';
import { candidateIndex, candidateSet } from '../facts.ts';
import { queriesOf } from '../golden-queries.ts';
import type { Observed } from '../observed.ts';
import { engineQuestion, type RunStep } from '../step.ts';

type Warm = NonNullable<ReindexRequestStatus['warm']>;

export type Window = {
  /** Searches that were answered, and what they took together by the engine's own clock. */
  readonly queries: number;
  readonly tookMs: number;
  /** What kept the engine from answering the others. */
  readonly hindrance: string | undefined;
};

/** The status is the memory of this step, and is written no more often. */
const windowMs = 5000;
/** What the searches of one window may take: the run renews its lock between windows. */
const windowTookMs = 4000;
const searchTimeout = '5s';
/** Documents from each of which one query is drawn for a window. */
const drawnDocuments = 40;
const keptWindows = 20;
const atMostByDefault = '5m';

/** One window: the declared queries, and others that were drawn from documents of the candidate. Throws nothing that may mend. */
export const warmWindow = engineQuestion('how fast the candidate answers', async (o, { engine }): Promise<Window> => {
  const set = candidateSet(o);
  const side = set && aliasSide(set);
  if (!side) return { queries: 0, tookMs: 0, hindrance: undefined };
  let [queries, tookMs] = [0, 0];
  try {
    const drawn = await drawnFrom(o, engine.documents, side);
    for (const query of [...queriesOf(o).map(({ body }) => body), ...drawn]) {
      if (tookMs > windowTookMs) break;
      const body = { query: throughFilter(side, query), size: 10, track_total_hits: 10_000, timeout: searchTimeout };
      tookMs += (await engine.documents.search(side.index, body)).tookMs;
      queries += 1;
    }
  } catch (error) {
    if (!hasReason(error)) throw error;
    return { queries, tookMs, hindrance: error.message };
  }
  return { queries, tookMs, hindrance: undefined };
});

async function drawnFrom(o: Observed, documents: Documents, side: AliasSide): Promise<readonly JsonObject[]> {
  const fields = searchedFields(candidateIndex(o)?.mappings ?? {});
  if (fields.length === 0) return [];
  const seed = seedOf(o) + (o.request.status.warm?.queries ?? 0);
  const { hits } = await documents.search(side.index, {
    query: {
      function_score: { query: throughFilter(side, { match_all: {} }), random_score: { seed, field: '_seq_no' } },
    },
    size: drawnDocuments,
    _source: fields.map(({ name }) => name),
    track_total_hits: false,
    timeout: searchTimeout,
  });
  return drawnQueries(
    hits.map(({ source }) => source),
    fields,
    seed,
  );
}

/** The same for each try of the same request. */
function seedOf({ request }: Observed): number {
  return createHash('sha256').update(request.metadata.uid).digest().readUInt32BE(0) >>> 1;
}

/**
 * Searches the candidate before it serves, so that the first people who do are not the ones who wait: window by window, until
 * they get no faster, or for as long as the request says. It never fails a run. What is caught up afterwards cools nothing.
 */
export const warm: RunStep = {
  name: 'warm',
  phase: 'Warming',
  look: o => {
    const atMost = atMostOf(o);
    if (atMost === undefined || o.request.status.warm?.finished !== undefined) return done;
    // What was written comes back through the watch, long before the next window is due.
    const leftMs = windowMs - sinceMs(o, o.request.status.warm?.latest);
    if (leftMs <= 0 && !answerTo(o, warmWindow)) return ask(warmWindow);
    return wait('Running', `searches until they get no faster, for ${atMost} at most`, leftMs > 0 ? leftMs : windowMs);
  },
  tell: {
    field: 'warm',
    of: o => {
      const [window, atMost] = [answerTo(o, warmWindow), atMostOf(o)];
      const before = o.request.status.warm;
      return window && atMost !== undefined ? warmed(o, { before, window, atMost }) : before;
    },
  },
};

/** Infinity also where the clock was set back since. */
function sinceMs({ now }: Observed, time: string | undefined): number {
  const passedMs = time === undefined ? Infinity : now.getTime() - Date.parse(time);
  return passedMs < 0 ? Infinity : passedMs;
}

/** A rollback warms where it says so, with a block of its own or without one. */
function atMostOf({ request }: Observed): string | undefined {
  const { warm: declared, rollback } = request.spec;
  return declared?.atMost ?? (rollback?.warmFirst === true ? atMostByDefault : undefined);
}

type Progress = { readonly before: Warm | undefined; readonly window: Window; readonly atMost: string };

function warmed(o: Observed, { before, window, atMost }: Progress): Warm {
  const { queries, tookMs, hindrance } = window;
  const meanMs = queries === 0 ? [] : [Math.ceil(tookMs / queries)];
  const all = [...(before?.windows ?? []), ...meanMs];
  const now = isoSeconds(o.now);
  // A start that lies ahead is one by a clock that was set back since.
  const started = before === undefined || before.started > now ? now : before.started;
  const tookSeconds = Math.round((o.now.getTime() - Date.parse(started)) / 1000);
  const isOver = tookSeconds * 1000 >= durationMs(atMost);
  const hasNothing = queries === 0 && hindrance === undefined;
  const settled = hasNothing || hasSettled(all);
  const figures = {
    seed: seedOf(o),
    started,
    latest: now,
    queries: (before?.queries ?? 0) + queries,
    ...firstOf(before, meanMs),
    windows: all.slice(-keptWindows),
  };
  const end = settled ? `settled after ${tookSeconds}s` : isOver ? `not settled within ${atMost}` : 'not settled yet';
  return {
    ...figures,
    ...((settled || isOver) && { finished: now, settled }),
    message: hasNothing ? 'there is nothing to search for' : `${said(figures)}: ${hindrance ?? end}`,
  };
}

function firstOf(before: Warm | undefined, [meanMs]: readonly number[]): Pick<Warm, 'firstMillis'> {
  const firstMillis = before?.firstMillis ?? meanMs;
  return firstMillis === undefined ? {} : { firstMillis };
}

function said({ queries, seed, firstMillis, windows }: Omit<Warm, 'message'>): string {
  return `${queries} searches, seed ${seed}, ${firstMillis ?? '-'} ms each at first, ${windows.at(-1) ?? '-'} ms of late`;
}
