import { describe, expect, it } from '@jest/globals';
import { decideAsking, type Looked } from '../../../src/plan/ask.ts';
import { answerTo, question, type Answers, type Question } from '../../../src/plan/question.ts';

type Seen = { readonly answers: Answers; readonly look: number };
type Hands = { readonly asked: string[] };

const named = (name: string): Question<string, Seen, Hands> =>
  question(name, async (_seen, { asked }) => {
    asked.push(name);
    return `${name}!`;
  });

const health = named('health');
const count = named('count');

/** Looks until it is decided; answers the decision, what was asked and how often it was looked. */
async function story(decide: (seen: Seen) => Looked<string, Seen, Hands>) {
  const asked: string[] = [];
  let looks = 0;
  const observe = (answers: Answers): Seen => ({ answers, look: (looks += 1) });
  const { decision, observed } = await decideAsking(observe, decide, { asked });
  return { decision, asked, look: observed.look };
}

const decided = (decision: string) => ({ is: 'decided', decision }) as const;
const asks = (asked: Question<unknown, Seen, Hands>) => ({ is: 'asks', question: asked }) as const;

describe('a decision', () => {
  it('that needs no answer asks nothing', async () => {
    expect(await story(() => decided('go'))).toEqual({ decision: 'go', asked: [], look: 1 });
  });

  it('is made with every answer that it wants, each asked once, on what is so at last', async () => {
    const end = await story(seen => {
      const [first, second] = [answerTo(seen, health), answerTo(seen, count)];
      if (first === undefined) return asks(health);
      return second === undefined ? asks(count) : decided(`${first} ${second}`);
    });
    expect(end).toEqual({ decision: 'health! count!', asked: ['health', 'count'], look: 3 });
  });

  it('that asks the same again is a fault, and does not go on for ever', async () => {
    await expect(story(() => asks(health))).rejects.toThrow('"health" is asked again');
  });

  it('that always wants to know more is a fault too', async () => {
    await expect(story(({ look }) => asks(named(`question ${look}`)))).rejects.toThrow('"question 7"');
  });

  it('is not made when a question fails', async () => {
    const broken = question('health', async (): Promise<string> => {
      throw new Error('no answer');
    });
    await expect(story(() => asks(broken))).rejects.toThrow('no answer');
  });
});
