import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../src/api/meta.ts';
import { findCondition, setCondition } from '../../../src/domain/conditions.ts';

const monday = new Date('2026-03-02T10:00:00.123Z');
const tuesday = new Date('2026-03-03T10:00:00.456Z');
const ready = { type: 'Ready', status: 'True', reason: 'Live', message: 'kibana-v1' } as const;

describe('setting a condition', () => {
  it('adds one that was not there, with its generation and a time of whole seconds', () => {
    expect(setCondition([], ready, monday, 3)).toEqual([
      { ...ready, lastTransitionTime: '2026-03-02T10:00:00Z', observedGeneration: 3 },
    ]);
  });

  it.each([
    {
      says: 'keeps the transition time when only reason and message change',
      status: 'True',
      time: '2026-03-02T10:00:00Z',
    },
    { says: 'moves the transition time when the status flips', status: 'False', time: '2026-03-03T10:00:00Z' },
  ] as const)('$says', ({ status, time }) => {
    const before = setCondition([], ready, monday, 1);
    const after = setCondition(before, { ...ready, status, reason: 'Drifted', message: 'moved' }, tuesday, 2);
    expect(after).toEqual([
      { type: 'Ready', status, reason: 'Drifted', message: 'moved', lastTransitionTime: time, observedGeneration: 2 },
    ]);
  });

  it('sorts by type and leaves the other conditions and the given list as they were', () => {
    const stalled: Condition = {
      type: 'Stalled',
      status: 'False',
      reason: 'Idle',
      message: '',
      lastTransitionTime: 'x',
      observedGeneration: 1,
    };
    const given: readonly Condition[] = Object.freeze([stalled]);
    const after = setCondition(given, ready, monday, 1);
    expect(after.map(condition => condition.type)).toEqual(['Ready', 'Stalled']);
    expect(findCondition(after, 'Stalled')).toBe(stalled);
  });

  it('cuts a message at 1024 bytes and escapes what would steer a terminal', () => {
    const [condition] = setCondition([], { ...ready, message: `\u001b[2J\n${'ü'.repeat(5_000)}` }, monday, 1);
    expect(condition?.message).toMatch(/^\\u001b\[2J\\u000aü+\.\.\.$/);
    expect(Buffer.byteLength(condition?.message ?? '')).toBeLessThanOrEqual(1024);
  });
});
