import type { SearchReply } from '../engine/port.ts';
import { compareAnswers } from '../traffic/compare.ts';
import { checkName, type Query, type QueryAnswer, type QueryAnswers } from './golden-queries.ts';

/** What one check of a candidate came to. */
export type Check = {
  readonly name: string;
  readonly result: 'Pass' | 'Fail' | 'Unclear';
  readonly message: string;
};

type Finding = Omit<Check, 'name'>;

/** The engine counts in whole milliseconds, and what is faster than this is noise. */
const leastMs = 10;

/** What a golden query came to, with all figures; `live` is the name of the version that it is compared with, '' = none. */
export function queryCheck(query: Query, answers: QueryAnswers, live: string): Check {
  const findings = findingsOf(query, answers, live);
  const results = findings.map(({ result }) => result);
  const result = (['Fail', 'Unclear'] as const).find(each => results.includes(each)) ?? 'Pass';
  return {
    name: checkName(query.name),
    result,
    message: `${query.name}: ${findings.map(({ message }) => message).join('; ')}`,
  };
}

function findingsOf(query: Query, { candidate, live: asked }: QueryAnswers, live: string): readonly Finding[] {
  if (!candidate) return [unclear('not asked yet')];
  if (candidate.is === 'refused') return [{ result: 'Fail', message: candidate.message }];
  const lack = lackOf(candidate.reply);
  if (lack !== undefined) return [unclear(`the answer is not whole, ${lack}`)];
  const compared = comparisons(query, candidate, asked, live);
  return [hitsFinding(query, candidate.reply), ...compared];
}

function unclear(message: string): Finding {
  return { result: 'Unclear', message };
}

function passIf(holds: boolean, message: string): Finding {
  return { result: holds ? 'Pass' : 'Fail', message };
}

function lackOf({ timedOut, failedShards }: SearchReply): string | undefined {
  if (timedOut) return 'it timed out';
  return failedShards > 0 ? `${failedShards} shards did not answer` : undefined;
}

function hitsFinding({ minHits }: Query, { total }: SearchReply): Finding {
  return passIf(total >= minHits, `${total} hits, at least ${minHits} expected`);
}

type Answered = Extract<QueryAnswer, { is: 'answered' }>;

function comparisons(
  query: Query,
  candidate: Answered,
  asked: QueryAnswer | undefined,
  live: string,
): readonly Finding[] {
  const { overlapPercent, maxLatencyPercent } = query;
  if (overlapPercent === undefined && maxLatencyPercent === undefined) return [];
  // A first build has to serve some day.
  if (live === '') return [passIf(true, 'no version is live to compare with')];
  if (asked === undefined) return [unclear(`${live} was not asked`)];
  if (asked.is === 'refused') return [unclear(`${live} refuses it: ${asked.message}`)];
  const lack = lackOf(asked.reply);
  if (lack !== undefined) return [unclear(`the answer of ${live} is not whole, ${lack}`)];
  return [
    ...(overlapPercent === undefined ? [] : [overlapFinding(overlapPercent, query.k, candidate, asked, live)]),
    ...(maxLatencyPercent === undefined ? [] : [latencyFinding(maxLatencyPercent, candidate, asked, live)]),
  ];
}

function overlapFinding(percent: number, k: number, candidate: Answered, asked: Answered, live: string): Finding {
  const compared = compareAnswers({ status: 200, ...asked.reply }, { status: 200, ...candidate.reply }, k);
  if (compared.is === 'skipped') return unclear(compared.why);
  const { bound, shared } = compared.members;
  const share = bound === 0 ? 100 : Math.floor((100 * shared) / bound);
  const figures = `${shared} of ${bound} first hits of both sides agree with ${live}`;
  return passIf(share >= percent, `${figures}, ${share} %, at least ${percent} % expected`);
}

function latencyFinding(percent: number, candidate: Answered, asked: Answered, live: string): Finding {
  const [here, there] = [candidate.fastestMs, asked.fastestMs].map(ms => Math.max(ms, leastMs)) as [number, number];
  const figures = `${candidate.fastestMs} ms, ${live} ${asked.fastestMs} ms`;
  return passIf(here * 100 <= there * percent, `${figures}, at most ${percent} % expected`);
}
