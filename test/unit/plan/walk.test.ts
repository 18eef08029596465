import { describe, expect, it } from '@jest/globals';
import { effect, type Effect } from '../../../src/plan/effect.ts';
import { question } from '../../../src/plan/question.ts';
import { act, ask, done, fail, wait, type Step, type Undoing, type Verdict } from '../../../src/plan/step.ts';
import { keeping, undoing, walk } from '../../../src/plan/walk.ts';

type AStep = Step<object, object, undefined>;

const forget = effect({
  name: 'forget',
  target: ({ what }: { readonly what: string }) => what,
  run: async () => undefined,
});

function aStep(name: string, verdict: Verdict<object, object>, undo?: Undoing<object, object>): AStep {
  return { name, phase: 'Building', look: () => verdict, ...(undo && { undo: () => undo }) };
}

const idsOf = (effects: readonly Effect<object>[]) => effects.map(({ id }) => id);

const standing = (...steps: readonly AStep[]) => walk(steps, {});

describe('a list of steps', () => {
  it('stops at the first step that is not done', () => {
    const waiting = wait('Running', 'at work', 1000);
    const answer = standing(
      aStep('take-lock', done),
      aStep('preflight', waiting),
      aStep('switch', fail('Drifted', 'never asked')),
    );
    expect(answer).toMatchObject({ done: [{ name: 'take-lock' }], at: { name: 'preflight' }, verdict: waiting });
  });

  it('is done when every step is', () => {
    expect(standing(aStep('take-lock', done), aStep('switch', done))).toMatchObject({
      done: [{ name: 'take-lock' }, { name: 'switch' }],
      verdict: done,
    });
  });

  it('hands on what a step wants to do', () => {
    expect(standing(aStep('take-lock', act('because', forget({ what: 'a' })))).verdict).toMatchObject({
      is: 'act',
      why: 'because',
    });
  });

  it('is undone in reverse, steps that made nothing passed over', () => {
    const steps = [
      aStep('take-lock', done, act('give it back', forget({ what: 'lock' }))),
      aStep('preflight', done),
      aStep('index-job', done, act('delete it', forget({ what: 'job' }))),
    ];
    const undo = undoing(steps, {});
    expect(undo.is === 'act' && idsOf(undo.effects)).toEqual(['forget/job', 'forget/lock']);
    expect(undoing(steps.slice(1, 2), {})).toEqual(done);
  });

  it('asks what a step wants to know to be undone, once what came after it is cleaned up', () => {
    const scratch = ask(question('is there a scratch index?', async () => true));
    const steps = [
      aStep('take-lock', done, act('give it back', forget({ what: 'lock' }))),
      aStep('preflight', done, scratch),
      aStep('index-job', done, act('delete it', forget({ what: 'job' }))),
    ];
    const undo = undoing(steps, {});
    expect(undo.is === 'act' && idsOf(undo.effects)).toEqual(['forget/job']);
    expect(undoing(steps.slice(0, 2), {})).toEqual(scratch);
  });

  it('keeps going what its finished steps keep, and not what the step at hand would', () => {
    const kept = (name: string, verdict: Verdict<object, object>): AStep => ({
      ...aStep(name, verdict),
      keep: () => [forget({ what: name })],
    });
    const steps = [kept('take-lock', done), kept('index-job', wait('Running', 'at work', 1000)), kept('switch', done)];
    expect(idsOf(keeping(walk(steps, {}), {}))).toEqual(['forget/take-lock']);
  });
});
