import { sumOfParts } from '../domain/progress.ts';
import type { PartRecord, RunRecord } from '../domain/records.ts';

/** What the parts of a run say of themselves, as one record; undefined while none of them has begun. Pure. */
export function runOfParts(parts: readonly PartRecord[], count: number): RunRecord | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  const isOver = parts.length === count && parts.every(part => part.outcome === 'succeeded');
  const working = parts.filter(part => part.outcome === 'running');
  return {
    kind: 'run',
    uid: first.uid,
    alias: first.alias,
    index: first.index,
    mode: first.mode,
    outcome: isOver ? 'succeeded' : 'running',
    reason: '',
    message: '',
    commit: first.commit,
    unit: first.unit,
    ...sumOfParts(parts, count),
    // A part that ended has no rate any more.
    perSecond: working.reduce((sum, part) => sum + part.perSecond, 0),
    heartbeat:
      parts
        .map(part => part.heartbeat)
        .sort()
        .at(-1) ?? first.heartbeat,
    started: parts.map(part => part.started).sort()[0] ?? first.started,
    attempts: Math.max(...parts.map(part => part.attempts)),
  };
}
