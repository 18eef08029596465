import { noAnswers, withAnswer, type Answers, type Question } from './question.ts';

/** More than any run needs at one look: a decision that goes on asking would never be made. */
const mostQuestions = 6;

/** What a look led to: a decision, or the question that has to be answered first. */
export type Looked<Decision, Observed, Hands> =
  | { readonly is: 'decided'; readonly decision: Decision }
  | { readonly is: 'asks'; readonly question: Question<unknown, Observed, Hands> };

/**
 * Looks, asks what it takes, and looks again until it is decided what to do; answers with what was observed at last.
 * `observe` adds to the answers what must be as of now. Throws what a question throws, and when a question is asked twice.
 */
export async function decideAsking<Observed, Hands, Decision>(
  observe: (answers: Answers) => Observed,
  decide: (observed: Observed) => Looked<Decision, Observed, Hands>,
  hands: Hands,
): Promise<{ readonly observed: Observed; readonly decision: Decision }> {
  let answers = noAnswers;
  for (;;) {
    const observed = observe(answers);
    const looked = decide(observed);
    if (looked.is === 'decided') return { observed, decision: looked.decision };
    const { question } = looked;
    if (answers.has(question) || answers.size >= mostQuestions)
      throw new Error(`"${question.name}" is asked again, or too much is asked at one look`);
    answers = withAnswer(answers, question, await question.ask(observed, hands));
  }
}
