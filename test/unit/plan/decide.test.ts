import { describe, expect, it } from '@jest/globals';
import { decide, undoing } from '../../../src/plan/decide.ts';
import { effectId, type Effect } from '../../../src/plan/effect.ts';
import { act, done, fail, wait, type Step, type StepName, type Verdict } from '../../../src/plan/verdict.ts';

const forget = (uid: string): Effect => ({ do: 'forget-run', uid });

function aStep(name: StepName, verdict: Verdict, undo?: readonly Effect[]): Step<object> {
  return { name, phase: 'Building', look: () => verdict, ...(undo && { undo: () => undo }) };
}

const standing = (...steps: readonly Step<object>[]) => decide({ name: 'rebuild', steps }, {});

describe('a strategy', () => {
  it('stops at the first step that is not done', () => {
    const waiting = wait('Running', 'at work', 1000);
    const answer = standing(
      aStep('take-lock', done),
      aStep('preflight', waiting),
      aStep('switch', fail('Drifted', 'never asked')),
    );
    expect(answer).toMatchObject({ done: ['take-lock'], at: { name: 'preflight' }, verdict: waiting });
  });

  it('is done when every step is', () => {
    expect(standing(aStep('take-lock', done), aStep('switch', done))).toEqual({
      done: ['take-lock', 'switch'],
      verdict: done,
    });
  });

  it('hands on what a step wants to do', () => {
    expect(standing(aStep('take-lock', act('because', forget('a')))).verdict).toMatchObject({
      is: 'act',
      why: 'because',
    });
  });

  it('is undone in reverse, steps that made nothing passed over', () => {
    const steps = [
      aStep('take-lock', done, [forget('lock')]),
      aStep('preflight', done),
      aStep('index-job', done, [forget('job')]),
    ];
    expect(undoing({ name: 'rebuild', steps }, {}).map(effectId)).toEqual(['forget-run/job', 'forget-run/lock']);
  });
});
