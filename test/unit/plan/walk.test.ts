import { describe, expect, it } from '@jest/globals';
import { act, done, fail, wait, type Step, type Verdict } from '../../../src/plan/step.ts';
import { undoing, walk } from '../../../src/plan/walk.ts';

type AStep = Step<object, string>;

function aStep(name: string, verdict: Verdict<string>, undo?: readonly string[]): AStep {
  return { name, phase: 'Building', look: () => verdict, ...(undo && { undo: () => undo }) };
}

const standing = (...steps: readonly AStep[]) => walk(steps, {});

describe('a list of steps', () => {
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
    expect(standing(aStep('take-lock', act('because', 'forget a'))).verdict).toMatchObject({
      is: 'act',
      why: 'because',
    });
  });

  it('is undone in reverse, steps that made nothing passed over', () => {
    const steps = [
      aStep('take-lock', done, ['forget lock']),
      aStep('preflight', done),
      aStep('index-job', done, ['forget job']),
    ];
    expect(undoing(steps, {})).toEqual(['forget job', 'forget lock']);
  });
});
