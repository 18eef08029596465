import type { Answer, AnsweredHit } from '../../../src/traffic/answer.ts';

/** A whole answer of these hits; as many matched, unless it is said otherwise. */
export function anAnswer(hits: readonly AnsweredHit[], given: Partial<Answer> = {}): Answer {
  const whole = { status: 200, timedOut: false, failedShards: 0, totalIsExact: true, aggregations: {} };
  return { ...whole, total: hits.length, hits, ...given };
}

/** Hits by their scores, `{ a: 3, b: 1 }`, in that order. */
export function scored(scores: Readonly<Record<string, number>>): readonly AnsweredHit[] {
  return Object.entries(scores).map(([id, score]) => ({ id, score }));
}
